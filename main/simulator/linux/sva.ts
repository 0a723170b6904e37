/**
 * Shared virtual addressing: the ladder that a user of PASIDs climbs, rung by rung. The first rung that is missing says
 * what is needed. Sources: drivers/iommu/intel/iommu.c (sm_supported, pasid_supported), drivers/pci/ats.c
 * pci_enable_pasid, which wants RR and UF on the whole path (reference 80; 95 §3; 70 §7).
 */
import type { PciFunction } from '../platform/schema'
import { ACS_RR, ACS_UF, acsWords, isolates } from './acs'
import type { Board } from './board'
import type { CommandLine } from './cmdline'
import { bit } from './decision'
import type { Served } from './units'

export interface Rung {
  readonly name: string
  /** Null: the input does not say. */
  readonly ok: boolean | null
  readonly why: string
  readonly cite: string
}

const ECAP_PRS = 29n
const ECAP_PASID = 40n
const ECAP_SMTS = 43n

export function svaLadder(board: Board, fn: PciFunction, served: Served | undefined, c: CommandLine): Rung[] {
  const rung = (name: string, ok: boolean | null, why: string, cite: string): Rung => ({ name, ok, why, cite })
  const unknown = (capability: string): boolean => fn.unknown.includes(capability)
  const has = (present: boolean, capability: string): boolean | null =>
    present ? true : unknown(capability) ? null : false
  const path = pathAllows(board, fn)
  return [
    rung('IOMMU', served !== undefined, served ? served.unit.name : 'no unit serves it', '80'),
    ...(served?.unit.kind === 'vt-d' ? vtd(served, c) : []),
    rung(
      'PASID capability',
      has(fn.pasid !== undefined, 'pasid'),
      fn.pasid
        ? `${fn.pasid.width} bits`
        : unknown('pasid')
          ? 'configuration space incomplete'
          : 'the function has none',
      '95 §3',
    ),
    rung(
      'ATS capability',
      c.ats ? has(fn.ats !== undefined, 'ats') : false,
      !c.ats
        ? 'pci=noats'
        : fn.ats
          ? 'present'
          : unknown('ats')
            ? 'configuration space incomplete'
            : 'the function has none',
      '95 §3',
    ),
    rung(
      'PRI capability',
      has(fn.pri !== undefined, 'pri'),
      fn.pri
        ? 'present'
        : unknown('pri')
          ? 'configuration space incomplete'
          : 'the function has none: pages must be pinned',
      '95 §3',
    ),
    rung('ACS on the path', path.ok, path.why, 'drivers/pci/ats.c pci_enable_pasid'),
  ]
}

function vtd(served: Served, c: CommandLine): Rung[] {
  const ecap = served.unit.registers['ECAP_REG']
  const flag = (n: bigint): boolean | null => bit(ecap, n) ?? null
  const scalable = flag(ECAP_SMTS)
  const on = c.scalable === true
  return [
    {
      name: 'scalable mode in hardware',
      ok: scalable,
      why: scalable === null ? 'ECAP_REG is not known' : `ECAP.SMTS is ${Number(scalable)}`,
      cite: '80',
    },
    {
      name: 'scalable mode switched on',
      ok: on ? true : c.scalable === false ? false : null,
      why: on
        ? 'intel_iommu=sm_on'
        : c.scalable === false
          ? 'intel_iommu=sm_off'
          : 'not on the command line: the build decides',
      cite: '20 §3',
    },
    {
      name: 'PASID in the unit',
      ok: flag(ECAP_PASID),
      why: ecap === undefined ? 'ECAP_REG is not known' : `ECAP.PASID is ${Number(flag(ECAP_PASID))}`,
      cite: '80',
    },
    {
      name: 'page requests in the unit',
      ok: flag(ECAP_PRS),
      why: ecap === undefined ? 'ECAP_REG is not known' : `ECAP.PRS is ${Number(flag(ECAP_PRS))}`,
      cite: '80',
    },
  ]
}

/** Requests with a PASID must go up to the IOMMU: every hop redirects requests and forwards them upstream. */
function pathAllows(board: Board, fn: PciFunction): { ok: boolean; why: string } {
  const required = ACS_RR | ACS_UF
  for (const hop of [fn, ...board.topology.bridgesAbove(fn)]) {
    const verdict = isolates(hop, board, required)
    if (!verdict.isolated)
      return { ok: false, why: `${acsWords(required)} is missing: ${verdict.reason.facts.join('; ')}` }
  }
  return { ok: true, why: `${acsWords(required)} on every hop` }
}
