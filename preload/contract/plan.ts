/** The planner's answers: what the window is told and what the command line prints are the same shapes. */
import { z } from 'zod'
import { Bdf, PciFunction, Platform } from '../../main/simulator/platform/schema'

export const Because = z.array(
  z.object({
    rule: z.string(),
    cite: z.string().describe('section of the reference, commit or specification'),
    facts: z.array(z.string()),
    apart: z.string().optional().describe('what would keep two that share a group apart'),
  }),
)
export type Because = z.infer<typeof Because>

const HotResetDevice = z.object({
  bdf: z.string(),
  group: z.number().nullable().describe("place in the plan's groups; null: none"),
})

const ResetMethod = z.enum(['device_specific', 'acpi', 'flr', 'af_flr', 'pm', 'bus', 'cxl_bus'])

/** How a function is reset, alone and with its neighbours. */
export const PlanReset = z.object({
  methods: z.array(ResetMethod).describe("sysfs's reset_method: what Linux tries, in its order"),
  unknown: z.array(ResetMethod).describe('methods of which the input does not show whether the function has them'),
  works: z.boolean().nullable().describe('VFIO can reset it alone; null: the input does not decide'),
  hotReset: z.object({
    possible: z.boolean().describe('user space that owns every group in `groups` may reset the bus'),
    errno: z.string().optional().describe('what GET_PCI_HOT_RESET_INFO answers instead of a list'),
    affected: z.array(HotResetDevice).describe('functions that lose their state with it; in the window the first 16'),
    total: z.number().describe('how many those are'),
    groups: z.array(z.number()).describe('groups that must be the same user’s'),
    because: Because,
  }),
  because: Because,
})

const Range = z.object({ start: z.string(), end: z.string().describe('inclusive') })

const ReservedRegion = z.object({
  start: z.string(),
  end: z.string(),
  type: z.string().describe("sysfs's word"),
  devices: z.array(z.string()),
  because: Because,
})

export const PlanReport = z.object({
  kernel: z.string(),
  policy: z.string(),
  kdump: z
    .object({
      units: z.array(
        z.object({
          name: z.string(),
          enabled: z.boolean().describe('the crashed kernel left translation enabled'),
          tables: z
            .enum(['kept', 'dropped', 'untouched'])
            .describe('copied and in use, given up, or not looked at by a kernel that does not run the unit'),
          because: Because,
        }),
      ),
    })
    .optional()
    .describe('of a kernel that was started by one that crashed: what it makes of the units as it finds them'),
  groups: z.array(
    z.object({
      devices: z.array(z.string()),
      type: z.string().nullable().describe("sysfs's word, or null when the kernel would not say"),
      domain: z.string().describe("type of the group's default domain, whether or not the kernel would say"),
      own: z
        .array(z.object({ device: z.string(), type: z.string(), because: Because }))
        .optional()
        .describe('before 5.8: devices whose DMA meets another domain than the default of their group'),
      reserved: z.array(ReservedRegion),
      because: Because,
      iovaRanges: z.array(Range).describe('what user space may map'),
      deferred: z
        .object({
          devices: z.array(z.string()),
          until: z.string(),
          live: z.string().describe('the translation that their DMA meets until then'),
          because: Because,
        })
        .optional()
        .describe('in a kdump kernel: attaching the default domain is put off'),
    }),
  ),
  ungrouped: z.array(z.object({ bdf: z.string(), because: Because })),
  platformDevices: z
    .object({
      groups: z.array(
        z.object({
          devices: z.array(z.string()),
          iommu: z.string(),
          type: z.string().nullable(),
          reserved: z.array(ReservedRegion),
          because: Because,
          iovaRanges: z.array(Range),
        }),
      ),
      ungrouped: z.array(z.object({ device: z.string(), because: Because })),
    })
    .optional()
    .describe('devices that are not on PCI, by the names that sysfs or the firmware has for them'),
  devices: z.array(
    z.object({
      bdf: z.string(),
      iommu: z.string().nullable(),
      untrusted: z.boolean(),
      msi: z.object({
        controller: z.string().nullable(),
        mustMap: z.boolean().describe('the IOMMU translates message writes: without a mapping the interrupt is lost'),
        isolated: z.boolean().describe('the device can raise only its own interrupts'),
        doorbell: z.string().optional(),
        because: Because,
      }),
      blastRadius: z
        .object({
          scope: z.enum(['none', 'own', 'frame', 'everything']),
          words: z.string(),
          interrupts: z
            .object({ first: z.number(), last: z.number() })
            .optional()
            .describe('shared peripheral interrupts'),
          cite: z.string(),
        })
        .describe('host interrupts that it could raise if it wrote any address and data it can reach'),
      reset: PlanReset,
      sva: z
        .array(z.object({ name: z.string(), ok: z.boolean().nullable(), why: z.string(), cite: z.string() }))
        .optional()
        .describe('rungs of shared virtual addressing, of functions that have any of PASID, ATS, PRI; null: not known'),
      pasidUses: z
        .array(
          z.object({
            use: z.enum(['user', 'kernel', 'guest']),
            ok: z.boolean().nullable(),
            missing: z.array(z.string()).describe('rungs that are not there'),
            unknown: z.array(z.string()).describe('rungs that the input does not show'),
            because: Because,
          }),
        )
        .optional()
        .describe('a PASID for a process, for the kernel itself, for a guest: what is missing for each'),
    }),
  ),
  guest: z
    .object({
      machine: z.string(),
      ram: z.array(Range),
      groups: z.array(
        z.object({
          devices: z.array(z.string()),
          collisions: z.array(Range.extend({ with: z.string(), verdict: z.enum(['refused', 'shared']) })),
          mappable: z.array(Range),
        }),
      ),
    })
    .optional()
    .describe("the guest's RAM laid over each group's regions, when it was asked for"),
  assumptions: z.array(z.string()),
})
export type PlanReport = z.infer<typeof PlanReport>

export const PlanChange = z.object({ what: z.string(), device: z.string(), from: z.unknown(), to: z.unknown() })
export type PlanChange = z.infer<typeof PlanChange>

export const AttachReport = z.object({
  through: z.enum(['group', 'iommufd']),
  stage: z
    .number()
    .describe(
      '1 bind, 2 open the group, 3 viability or SET_CONTAINER, 4 SET_IOMMU or a further group, 9 all run; ' +
        'through an iommufd: 2 open, 3 BIND_IOMMUFD, 4 ATTACH_IOMMUFD_PT',
    ),
  steps: z.array(
    z.object({
      op: z.string(),
      ok: z.boolean(),
      errno: z.string().optional(),
      bdf: z.string().optional(),
      viable: z.number().optional(),
      detail: z.string().optional(),
      iovaRanges: z.array(z.object({ start: z.string(), end: z.string() })).optional(),
      iova: z.string().optional(),
      size: z.string().optional(),
      reset: z.boolean().optional().describe('DEVICE_GET_INFO: VFIO_DEVICE_FLAGS_RESET'),
      irq: z.enum(['INTX', 'MSI', 'MSIX', 'ERR', 'REQ']).optional(),
      start: z.number().optional().describe('SET_IRQS: first vector'),
      count: z.number().optional().describe('GET_IRQ_INFO: how many there are; SET_IRQS: how many were asked for'),
      devices: z
        .array(HotResetDevice.extend({ owned: z.boolean().optional().describe('iommufd: the caller owns it') }))
        .optional()
        .describe('GET_PCI_HOT_RESET_INFO: functions that a hot reset drags in'),
    }),
  ),
  because: Because,
})
export type AttachReport = z.infer<typeof AttachReport>

/** Whether one function can be handed to user space once its whole group is bound to vfio-pci; else the first step that fails. */
export const PlanVerdict = z.object({
  bdf: z.string(),
  assignable: z.boolean(),
  op: z.string().optional(),
  errno: z.string().optional(),
})
export type PlanVerdict = z.infer<typeof PlanVerdict>

/** Which machine: built in, imported before, or given as it is (one written inside a scenario). */
export const PlanSubject = z.union([
  z.object({ builtin: z.string() }),
  z.object({ imported: z.string() }),
  z.object({ given: Platform }),
])
export type PlanSubject = z.infer<typeof PlanSubject>

/** So many virtual functions of this function, as `echo N > sriov_numvfs` makes them. */
export const VirtualFunctions = z.object({ bdf: Bdf, count: z.number().int().min(1).max(65535) })
export type VirtualFunctions = z.infer<typeof VirtualFunctions>

/** A guest's RAM in bytes, and the QEMU machine that lays it out. */
export const GuestRam = z.object({
  machine: z.enum(['q35', 'i440fx', 'virt']),
  bytes: z
    .number()
    .int()
    .min(1)
    .max(2 ** 50),
})
export type GuestRam = z.infer<typeof GuestRam>

/** What a list that may be long carries at most; `total` then says how long it is. */
export const MOST_DIFFERENCES = 200

export const PlanDifference = z.object({
  what: z.enum(['group', 'type', 'reserved', 'ungrouped', 'reset']),
  device: z.string().optional(),
  predicted: z.unknown(),
  observed: z.unknown(),
  cause: z.string().optional().describe('the assumption about this device that the plan rests on'),
})
export type PlanDifference = z.infer<typeof PlanDifference>

/** The plan beside what a kernel was seen to do; the plan was made without it. */
/** What writes to a group's `type` file answer. */
export const TypeReport = z.object({
  before: z.string(),
  writes: z.array(
    z.object({
      write: z.string(),
      unbound: z.boolean(),
      after: z.string(),
      ok: z.boolean(),
      errno: z.string().optional(),
      because: Because,
    }),
  ),
})
export type TypeReport = z.infer<typeof TypeReport>

export const PlanCheck = z.object({
  /** Observed groups that name a function of the machine. */
  groups: z.number().int(),
  /** Reserved regions of these groups. */
  regions: z.number().int(),
  total: z.number().int(),
  differences: z.array(PlanDifference).max(MOST_DIFFERENCES),
})
export type PlanCheck = z.infer<typeof PlanCheck>

/** Releases that the window offers: the eras, and those that are kept up for years. Any other can be asked for, too. */
export const OFFERED_RELEASES = ['6.12', '6.6', '6.1', '5.15', '5.10', '5.4', '5.3', '4.19', '4.14', '4.9'] as const

/** What the threads argued for and was not merged so, to be laid beside what Linux does. */
export const OFFERED_DESIGNS = [
  { id: 'msi-three-branch', words: 'three-branch MSI decision (2016)' },
  { id: 'msi-two-branch', words: 'two-branch MSI decision (2016)' },
  { id: 'whole-group-inspection', words: 'whole-group inspection (2016)' },
  { id: 'truncate-relaxable', words: 'relaxable regions cut (2019)' },
  { id: 'identity-own-group', words: 'identity in its own group (2019)' },
  { id: 'private-domains', words: 'private domains (2019)' },
] as const

/** A machine under a kernel: what plans and explanations are asked of. */
export const machineRequest = {
  platform: PlanSubject,
  /** A version such as 6.1, or a policy. Absent: the input's own kernel, else the newest. */
  kernel: z.string().max(256).optional(),
  /** Absent: the input's own. */
  cmdline: z.string().max(8192).optional(),
  /** Virtual functions that do not exist yet. */
  sriov: z.array(VirtualFunctions).max(64).optional(),
  /** The kernel of a crash dump, which finds the units as the crashed one left them. */
  kdump: z.boolean().optional(),
}

/** Virtual functions that one plan may add, over all functions. */
export const MOST_PLANNED = 1024

export const planCalls = {
  /** The plan under that kernel and command line, and what is then different from the plan of the input's own. */
  'plan.compute': {
    req: z.object({ ...machineRequest, guest: GuestRam.optional() }),
    res: PlanReport.extend({
      /** The kernel's command line that was planned with. */
      cmdline: z.string(),
      /** The input's own policy; null when its release names none. */
      own: z.object({ policy: z.string(), cmdline: z.string() }).nullable(),
      changes: z.array(PlanChange),
      verdicts: z.array(PlanVerdict),
      /** The virtual functions that were added. */
      planned: z.array(PciFunction).max(MOST_PLANNED),
      /** null when the input says nothing about what a kernel did. */
      check: PlanCheck.nullable(),
    }),
  },
  /** What writes to the `type` file of a function's group answer: every word, with its drivers bound and taken off. */
  'plan.types': {
    req: z.object({ ...machineRequest, device: Bdf }),
    res: TypeReport,
  },
  /** VFIO, step by step. */
  'plan.attach': {
    req: z.object({
      ...machineRequest,
      device: Bdf,
      with: z.array(Bdf).max(64).default([]),
      bindGroup: z.union([z.literal(0), z.literal(1), z.literal(2)]).default(0),
      unsafe: z.boolean().default(false),
      /** Through device files and an iommufd, not a group and a container. */
      iommufd: z.boolean().optional(),
    }),
    res: AttachReport,
  },
} as const
