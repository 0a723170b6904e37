/** The register tables of a machine: which variable or constant stands in which field. */
import { COMPLETION_STATUS, STATUS_INVALID_INTERRUPT_HANDLE, STATUS_NONE, STATUS_SUCCESS } from '../hardware/completion'
import { IMS_ADDRESS_HIGH, IMS_ADDRESS_LOW, IMS_CONTROL, IMS_DATA } from '../hardware/ims'
import { MSIX_VECTOR_CONTROL } from '../hardware/msix'
import { MSIXPERM } from '../hardware/msixperm'
import type { BoundRegister, RegisterRow, RegisterTable, Source } from '../hardware/registers'
import { WQCFG_PASID } from '../hardware/wqcfg'
import type { Flow } from './flow'
import { pasidHex, type InterruptRoute } from './setup'
import type { Vector } from './world'

const flag = (variable: number): Source => ({ variable, encode: [0, 1] })

export function registerTables(flow: Flow): RegisterTable[] {
  const { world, prefix, setup } = flow
  const id = (name: string) => `${prefix}${name}`
  const device = `${prefix}${setup.device.id}`
  const label = (v: Vector) => `entry ${v.number}`
  return [
    {
      id: id('ims'),
      block: 'IMS',
      title: 'Interrupt Message Store',
      where: `physical device under ${device}, host's view`,
      cite: 'DSA 3.0; reference 70 §3',
      rows: world.vectors.map((v) => ({
        id: `IMS[${v.number}]`,
        label: label(v),
        registers: [...message(flow, v), control(flow, v)],
      })),
    },
    {
      id: id('msixperm'),
      block: 'MSIXPERM',
      title: 'MSI-X permission table',
      where: `${device}, emulated, guest's view`,
      cite: 'reference 70 §2',
      rows: world.vectors.map((v) => ({
        id: `MSIXPERM[${v.number}]`,
        label: label(v),
        registers: [
          {
            spec: MSIXPERM,
            sources: { PASID: { variable: v.permPasid, encode: world.guestCodes }, PASID_EN: flag(v.permEnable) },
          },
        ],
      })),
    },
    {
      id: id('msix'),
      block: 'MSI-X',
      title: 'MSI-X table',
      where: `${device}, emulated, guest's view`,
      cite: 'reference 60 §11',
      rows: world.vectors.map((v) => ({
        id: `MSI-X[${v.number}]`,
        label: label(v),
        registers: [{ spec: MSIX_VECTOR_CONTROL, sources: { Mask: flag(v.msixMask) } }],
      })),
    },
    pasidTable(flow),
    structDevice(flow),
    {
      id: id('wqcfg'),
      block: 'WQCFG',
      title: 'Work queue configuration',
      where: `physical device under ${device}`,
      cite: 'reference 70 §7',
      rows: [{ id: 'WQCFG[0]', label: `queue 0, ${setup.device.wq}`, registers: [wqcfg(flow)] }],
    },
    {
      id: id('completion'),
      block: 'Completion',
      title: 'Completion records',
      where: 'guest memory',
      cite: 'reference 70 §6',
      rows: flow.descriptors.map((d) => ({
        id: `record ${d.name}`,
        label: `${d.name}, PASID ${pasidHex(world.pasid(d.pasid).host)}`,
        // none, posted, queued, accepted, refused, completed
        registers: [
          {
            spec: COMPLETION_STATUS,
            sources: {
              Code: {
                variable: d.status,
                encode: [
                  STATUS_NONE,
                  STATUS_NONE,
                  STATUS_NONE,
                  STATUS_NONE,
                  STATUS_INVALID_INTERRUPT_HANDLE,
                  STATUS_SUCCESS,
                ],
              },
            },
          },
        ],
      })),
    },
  ]
}

function control(flow: Flow, v: Vector): BoundRegister {
  return {
    spec: IMS_CONTROL,
    sources: {
      PASID: { variable: v.slotPasid, encode: flow.world.hostCodes },
      PASID_EN: flag(v.slotEnable),
      Pending: flag(v.slotPending),
      Mask: flag(v.slotMask),
    },
  }
}

/** The host's message in the entry, in the format of the platform's controller; the numbers that a kernel would choose are ours. */
function message(flow: Flow, v: Vector): BoundRegister[] {
  const reset = 0xfee00000
  const { address, data } = messageOf(flow.setup.device.route, v.number)
  const low = Number(address & 0xffffffffn)
  return [
    { spec: IMS_ADDRESS_LOW, sources: { Address: { variable: v.slotMessage, encode: [reset >>> 2, low >>> 2] } } },
    { spec: IMS_ADDRESS_HIGH, sources: { Address: { variable: v.slotMessage, encode: [0, Number(address >> 32n)] } } },
    { spec: IMS_DATA, sources: { Data: { variable: v.slotMessage, encode: [0, data] } } },
  ]
}

const WINDOW = 0xfee00000n

/**
 * VT-d remappable format (60 §2): handle in 19:5, bit 4 set, SHV in bit 3, the position in the block as data. AMD (60 §6):
 * the table index in the data. Compatibility format (60 §1): destination APIC ID in 19:12, vector in the data.
 * GICv2m and ITS (60 §7, §8): the controller's doorbell, with the SPI or the EventID.
 */
function messageOf(route: InterruptRoute, n: number): { address: bigint; data: number } {
  switch (route.controller) {
    case 'vt-d-ir':
    case 'assumed':
      return { address: WINDOW | (BigInt(n) << 5n) | (1n << 4n) | (1n << 3n), data: 0 }
    case 'amd-ir':
      return { address: WINDOW, data: n }
    case 'x86-apic':
      return { address: WINDOW, data: 0x20 + n }
    case 'gicv2m':
      return { address: route.doorbell ?? 0n, data: (route.firstSpi ?? 32) + n - 1 }
    case 'gicv3-its':
    case 'mpic':
      return { address: route.doorbell ?? 0n, data: n }
  }
}

function pasidTable(flow: Flow): RegisterTable {
  const { world, prefix, setup } = flow
  const field = (name: string, meaning: string, bits: number) => ({
    name,
    offset: 0,
    width: bits,
    fields: [{ name, msb: bits - 1, lsb: 0, access: 'RO' as const, meaning }],
  })
  const rows = setup.pasids.map((p): RegisterRow => {
    const spid = world.spid.get(p.name)
    return {
      id: `PASID ${p.name}`,
      label: p.name,
      registers: [
        {
          spec: field('Guest PASID', "the guest's own number (SPID)", 20),
          sources: { 'Guest PASID': { constant: p.guest ?? 0 } },
        },
        {
          spec: field('Host PASID', 'the number on the wire and in the IMS entry', 20),
          sources: { 'Host PASID': { constant: p.host } },
        },
        {
          spec: field('Recorded', 'the guest has bound it: ioasid_find_by_spid finds it', 1),
          sources: { Recorded: spid === undefined ? { constant: 0 } : flag(spid) },
        },
      ],
    }
  })
  return {
    id: `${prefix}pasid`,
    block: 'PASID',
    title: 'PASIDs',
    where: 'host, ioasid set of the VM',
    cite: 'reference 00 S4.7, S4.8; 70 §8',
    rows,
  }
}

/** Where the interrupt chip takes the PASID from when it programs an entry (00 S4.3). */
function structDevice(flow: Flow): RegisterTable {
  const { world, prefix, setup } = flow
  const spec = {
    name: 'PASID',
    offset: 0,
    width: 20,
    fields: [
      {
        name: 'PASID',
        msb: 19,
        lsb: 0,
        access: 'RW' as const,
        meaning: 'host PASID that the next programming of an entry uses',
      },
    ],
  }
  return {
    id: `${prefix}mdev`,
    block: 'struct device',
    title: 'PASID of struct device',
    where: `${prefix}${setup.device.id}, host driver`,
    cite: 'reference 00 S4.3; 70 §8.1 (b)',
    rows: [
      {
        id: 'struct device',
        label: setup.device.id,
        registers: [{ spec, sources: { PASID: { variable: world.mdevPasid, encode: world.hostCodes } } }],
      },
    ],
  }
}

/** A dedicated queue holds its PASID; a shared one takes it from each descriptor. Fixed in these flows: set at enable-WQ. */
function wqcfg(flow: Flow): BoundRegister {
  const { device } = flow.setup
  const dedicated = device.wq === 'dedicated'
  return {
    spec: WQCFG_PASID,
    sources: {
      Mode: { constant: Number(dedicated) },
      PASID_EN: { constant: Number(device.validatePasid) },
      PASID: { constant: dedicated ? flow.world.pasid(device.defaultPasid).host : 0 },
    },
  }
}
