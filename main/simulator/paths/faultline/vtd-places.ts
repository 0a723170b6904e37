/** Which hop and which field of it refuses, for each fault reason of VT-d (VT-d 5.10 §9, Tables 15 and 30). */
import type { Block } from '../hop'
import type { Place } from './reason'

const place = (block: Block, register: string, field: string): Place => ({ block, register, field })
const ROOT = 'ROOT (legacy root entry)'
const CONTEXT = 'CONTEXT (legacy context entry)'
const RTADDR = 'RTADDR_REG'
const SMROOT = 'SMROOT (scalable root entry)'
const SMCONTEXT = 'SMCONTEXT (scalable context entry)'
const DIRECTORY = 'PASIDDIR (PASID directory entry)'
const PASIDTE = 'PASIDTE (PASID table entry)'
const FIRST = 'FSPTE (first-stage paging entry)'
const SECOND = 'SSPTE (second-stage paging entry)'
const HPT = 'HPT (host permission table)'
const IRTE = 'IRTE'
const t = 'translation'
const r = 'remapping'

export const PLACES: ReadonlyMap<number, Place> = new Map([
  [0x01, place('domain', ROOT, 'P')],
  [0x02, place('domain', CONTEXT, 'P')],
  [0x03, place('domain', CONTEXT, 'AW, TT or SSPTPTR')],
  [0x04, place(t, CONTEXT, 'AW and CAP_REG.MGAW')],
  [0x05, place(t, SECOND, 'W')],
  [0x06, place(t, SECOND, 'R')],
  [0x07, place(t, SECOND, 'ADDR of the level above')],
  [0x08, place('domain', RTADDR, 'RTA')],
  [0x09, place('domain', ROOT, 'CTP')],
  [0x0a, place('domain', ROOT, 'Reserved')],
  [0x0b, place('domain', CONTEXT, 'Reserved')],
  [0x0c, place(t, SECOND, 'Reserved')],
  [0x0d, place('domain', CONTEXT, 'TT')],
  [0x0e, place(t, SECOND, 'ADDR')],
  [0x20, place('bus', 'Message address and data', 'reserved bits')],
  [0x21, place(r, 'IRTA_REG', 'S')],
  [0x22, place(r, IRTE, 'P')],
  [0x23, place(r, 'IRTA_REG', 'IRTA')],
  [0x24, place(r, IRTE, 'Reserved or SVT')],
  [0x25, place('window', 'GSTS_REG', 'CFIS')],
  [0x26, place(r, IRTE, 'SID, SQ, SVT')],
  [0x27, place(r, IRTE, 'PDAL, PDAH')],
  [0x28, place(r, 'PID (posted interrupt descriptor)', 'Reserved')],
  [0x29, place('window', '0xFEExxxxx', 'request type and size')],
  [0x2a, place('window', 'IRTA_REG', 'EIME')],
  [0x2b, place('window', 'GSTS_REG', 'IRES')],
  [0x30, place('domain', RTADDR, 'TTM')],
  [0x31, place('domain', RTADDR, 'TTM')],
  [0x32, place('domain', RTADDR, 'TTM')],
  [0x33, place('domain', RTADDR, 'TTM')],
  [0x34, place('bus', 'PASID TLP prefix', 'execute requested')],
  [0x38, place('domain', RTADDR, 'RTA')],
  [0x39, place('domain', SMROOT, 'LP or UP')],
  [0x3a, place('domain', SMROOT, 'Reserved')],
  [0x40, place('domain', SMROOT, 'LCTP or UCTP')],
  [0x41, place('domain', SMCONTEXT, 'P')],
  [0x42, place('domain', SMCONTEXT, 'Reserved')],
  [0x43, place('domain', SMCONTEXT, 'DTE and PRE, RID_PASID and PDTS, or EPTR and PASIDE')],
  [0x44, place('domain', SMCONTEXT, 'DTE')],
  [0x45, place('domain', SMCONTEXT, 'PASIDE')],
  [0x46, place('domain', SMCONTEXT, 'PDTS')],
  [0x47, place('domain', SMCONTEXT, 'PRE')],
  [0x48, place('domain', SMCONTEXT, 'RID_PASID')],
  [0x49, place('domain', SMCONTEXT, 'EPTR')],
  [0x50, place('domain', SMCONTEXT, 'PASIDDIRPTR')],
  [0x51, place('domain', DIRECTORY, 'P')],
  [0x52, place('domain', DIRECTORY, 'Reserved')],
  [0x58, place('domain', DIRECTORY, 'SMPTBLPTR')],
  [0x59, place('domain', PASIDTE, 'P')],
  [0x5a, place('domain', PASIDTE, 'Reserved')],
  [0x5b, place('domain', PASIDTE, 'AW, PGTT, FSPM or FSPTPTR')],
  [0x5c, place('domain', PASIDTE, 'ERE')],
  [0x5d, place('domain', PASIDTE, 'SRE')],
  [0x60, place('domain', PASIDTE, 'HPT')],
  [0x70, place(t, FIRST, 'ADDR of the level above')],
  [0x71, place(t, FIRST, 'P')],
  [0x72, place(t, FIRST, 'Reserved')],
  [0x73, place(t, PASIDTE, 'FSPTPTR')],
  [0x74, place(t, FIRST, 'ADDR')],
  [0x75, place(t, SECOND, 'R')],
  [0x76, place(t, SECOND, 'R')],
  [0x77, place(t, SECOND, 'W')],
  [0x78, place(t, SECOND, 'ADDR of the level above')],
  [0x79, place(t, SECOND, 'R and W')],
  [0x7a, place(t, SECOND, 'Reserved')],
  [0x7b, place(t, PASIDTE, 'SSPTPTR')],
  [0x7c, place(t, PASIDTE, 'PWSNP')],
  [0x7d, place(t, SECOND, 'A or D')],
  [0x80, place(t, PASIDTE, 'FSPM')],
  [0x81, place(t, FIRST, 'U/S')],
  [0x83, place(t, PASIDTE, 'PGTT')],
  [0x84, place(t, PASIDTE, 'AW and CAP_REG.MGAW')],
  [0x85, place(t, `${FIRST} or ${SECOND}`, 'R/W or W')],
  [0x86, place(t, `${FIRST} or ${SECOND}`, 'R')],
  [0x87, place(t, `${FIRST} or ${SECOND}`, 'ADDR')],
  [0x89, place('domain', 'ECAP_REG', 'PSS')],
  [0x90, place(t, PASIDTE, 'PWSNP')],
  [0x91, place(t, FIRST, 'A or D')],
  [0xa0, place(t, HPT, 'entry')],
  [0xa1, place(t, HPT, 'Reserved')],
  [0xa2, place(t, HPT, 'root')],
  [0xa3, place(t, HPT, 'R')],
  [0xa4, place(t, HPT, 'W')],
  [0xa5, place(t, HPT, 'R')],
])
