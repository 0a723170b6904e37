/**
 * What the function and the path above it must have before its requests may carry a PASID.
 * Sources: drivers/pci/ats.c pci_enable_pasid (RR and UF on the whole path, TLP prefixes), pci_ats_supported;
 * drivers/pci/probe.c pci_configure_eetlp_prefix; drivers/iommu/intel/iommu.c dmar_ats_supported (reference 95 §3).
 */
import type { PciFunction } from '../../platform/schema'
import { ACS_RR, ACS_UF, acsWords, isolates } from '../acs'
import type { Board } from '../board'
import type { Plan } from '../plan'
import { atLeast } from '../policies/policy'
import { functionOf, type Served } from '../units'
import { RUNG, rung, type Rung } from './rung'

export function deviceRungs(plan: Plan, fn: PciFunction, served: Served | undefined): Rung[] {
  const { board, cmdline } = plan
  const capability = (name: string, key: 'pasid' | 'ats' | 'pri', present: string, absent: string): Rung =>
    fn[key]
      ? rung(name, true, present, '95 §3')
      : fn.unknown.includes(key)
        ? rung(name, null, 'configuration space incomplete', '95 §3')
        : rung(name, false, absent, '95 §3')
  const pasid = capability(RUNG.pasid, 'pasid', fn.pasid ? `${fn.pasid.width} bits` : '', 'the function has none')
  const ats = cmdline.ats
    ? capability(RUNG.ats, 'ats', 'present', 'the function has none')
    : rung(RUNG.ats, false, 'pci=noats', '10 §5')
  const pri = capability(RUNG.pri, 'pri', 'present', 'the function has none: pages must be pinned')
  return [pasid, prefixes(board, fn), acsPath(board, fn), ats, atsHere(plan, fn, served), pri]
}

const NO_PREFIX = new Set([0xa250, 0xa251, 0xa255, 0xa256, 0xa258, 0xa259])

/** A PASID travels as an end-end TLP prefix: the function and every port above it must support that (eetlp_prefix_path). */
function prefixes(board: Board, fn: PciFunction): Rung {
  const cite = 'PCIe 6.0 §7.5.3.15; pci_configure_eetlp_prefix'
  // quirk_huawei_pcie_sva: their PASID does not travel as a prefix.
  if (
    fn.vendor === 0x19e5 &&
    NO_PREFIX.has(fn.device) &&
    (board.version === undefined || atLeast(board.version, 5, 15))
  )
    return rung(RUNG.prefixes, true, `${fn.bdf} needs none: pasid_no_tlp`, 'drivers/pci/quirks.c quirk_huawei_pcie_sva')
  const hops = [fn, ...board.topology.bridgesAbove(fn)]
  const lacks = hops.find((hop) => hop.express?.tlpPrefix === false || !hop.express)
  if (lacks) return rung(RUNG.prefixes, false, `${lacks.bdf}: DevCap2 End-End TLP Prefix Supported is 0`, cite)
  const unknown = hops.find((hop) => hop.express?.tlpPrefix === undefined)
  if (unknown) return rung(RUNG.prefixes, null, `${unknown.bdf}: the input does not show Device Capabilities 2`, cite)
  return rung(RUNG.prefixes, true, 'End-End TLP Prefix Supported on every hop', cite)
}

/** Requests with a PASID must go up to the IOMMU: every hop redirects requests and forwards them upstream. */
function acsPath(board: Board, fn: PciFunction): Rung {
  const cite = 'drivers/pci/ats.c pci_enable_pasid'
  const required = ACS_RR | ACS_UF
  for (const hop of [fn, ...board.topology.bridgesAbove(fn)]) {
    const verdict = isolates(hop, board, required)
    if (!verdict.isolated)
      return rung(RUNG.acsPath, false, `${acsWords(required)} is missing: ${verdict.reason.facts.join('; ')}`, cite)
  }
  return rung(RUNG.acsPath, true, `${acsWords(required)} on every hop`, cite)
}

/** Untrusted devices never; VT-d asks its table: SATC names the device, it is integrated, or an ATSR names its root port. */
function atsHere({ board, untrusted, policy }: Plan, fn: PciFunction, served: Served | undefined): Rung {
  if (untrusted.has(fn))
    return rung(RUNG.atsHere, false, 'behind an external-facing port: untrusted', '05.18; pci_ats_supported')
  if (served?.unit.kind !== 'vt-d') return rung(RUNG.atsHere, true, 'trusted', 'pci_ats_supported')
  const cite = 'VT-d 5.10 §8.5, §8.8; dmar_ats_supported'
  const dmar = board.platform.tables?.dmar
  const above = board.topology.bridgesAbove(fn)
  if (above.length === 0) return rung(RUNG.atsHere, true, 'integrated in the root complex', cite)
  const { segment } = board.topology.address(fn)
  if (dmar && atLeast(policy.version, 5, 18)) {
    const soc = dmar.soc.find(
      (s) => s.segment === segment && s.scopes.some((scope) => functionOf(board, segment, scope) === fn),
    )
    if (soc) return rung(RUNG.atsHere, true, `SATC at 0x${soc.offset.toString(16)} names it`, cite)
  }
  const stop = above.find(
    (b) => b.express?.type === 'root-port' || !b.express || b.express.type === 'pcie-to-pci-bridge',
  )
  if (stop?.express?.type !== 'root-port')
    return rung(RUNG.atsHere, false, `${stop?.bdf ?? fn.bdf}: not PCIe up to a root port`, cite)
  if (!dmar) return rung(RUNG.atsHere, null, 'no DMAR table among the inputs', cite)
  const atsr = dmar.rootPortAts.find(
    (a) =>
      a.segment === segment && (a.allPorts || a.scopes.some((scope) => functionOf(board, segment, scope) === stop)),
  )
  return atsr
    ? rung(
        RUNG.atsHere,
        true,
        `ATSR at 0x${atsr.offset.toString(16)} names ${atsr.allPorts ? 'all ports' : stop.bdf}`,
        cite,
      )
    : rung(RUNG.atsHere, false, `no ATSR names its root port ${stop.bdf}`, cite)
}
