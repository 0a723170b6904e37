/** One rung of the ladder to shared virtual addressing. */
export interface Rung {
  readonly name: string
  /** Null: the input does not say. */
  readonly ok: boolean | null
  readonly why: string
  readonly cite: string
}

export const rung = (name: string, ok: boolean | null, why: string, cite: string): Rung => ({ name, ok, why, cite })

/** A register's bit as a rung: `field` as the manual writes it. */
export function bitRung(name: string, ok: boolean | undefined, register: string, field: string, cite: string): Rung {
  return ok === undefined
    ? rung(name, null, `${register} is not known`, cite)
    : rung(name, ok, `${field} is ${Number(ok)}`, cite)
}

/** Every rung by name, in the order of the climb. */
export const RUNG = {
  iommu: 'IOMMU',
  inKernel: 'shared virtual addressing in the kernel',
  scalable: 'scalable mode in hardware',
  switchedOn: 'scalable mode switched on',
  unitPasid: 'PASID in the unit',
  cpuTables: "the unit walks the CPU's page tables",
  unitTlbs: 'device TLBs in the unit',
  unitPages: 'page requests in the unit',
  pasid: 'PASID capability',
  prefixes: 'TLP prefixes on the path',
  acsPath: 'ACS on the path',
  ats: 'ATS capability',
  atsHere: 'ATS where it sits',
  pri: 'PRI capability',
  movdir64b: 'MOVDIR64B',
  enqcmd: 'ENQCMD',
  defaultDomain: 'default domain',
  kernelPasids: 'PASIDs for the DMA API',
  supervisor: 'supervisor requests in the unit',
  nesting: 'nested translation in the unit',
  guestPasids: "a guest's PASIDs through VFIO",
} as const
