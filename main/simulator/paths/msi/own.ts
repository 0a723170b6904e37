/**
 * The interrupt of an AMD IOMMU itself (event, PPR and guest virtual APIC logs): it is not remapped. Sources: Linux 6.12
 * drivers/iommu/amd/init.c: init_iommu_one takes the unit's own DeviceID out of rlookup_table ("is not considered to
 * translate itself"), so that no remapping domain becomes its MSI parent; iommu_setup_msi is pci_enable_msi and no
 * pci_set_master; iommu_setup_intcapxt, commit d1adcfbb520c, for x2APIC. A booted 6.12 with remapping on has MSI Enable=1
 * beside Command.BME=0 and a compatibility message in it.
 */
import { bit } from '../../linux/decision'
import { atLeast } from '../../linux/policies/policy'
import { because } from '../../linux/reason'
import type { MsiController, PciFunction } from '../../platform/schema'
import { accepted, refused, type Hop } from '../hop'
import type { Scene } from '../situation'
import { cpu } from './cpu'
import { compose, target } from './message'
import { capabilityOf, enabling, entryOf } from './source'

const IOMMU_CLASS = 0x0806
const EFR_XTSUP = 2n
const CITE = 'Linux 6.12 drivers/iommu/amd/init.c'

/** Class 08h, sub-class 06h on a board whose units are AMD's: the function is a unit's own, and no unit serves it. */
const isUnit = (fn: PciFunction, scene: Scene): boolean =>
  fn.class >> 8 === IOMMU_CLASS &&
  scene.plan.board.platform.iommus.some((u) => u.kind === 'amd-vi') &&
  !scene.plan.units.served.has(fn)

/** Undefined: the function is no AMD IOMMU, or no controller takes its messages. */
export function ownInterrupt(scene: Scene, vector: number): readonly Hop[] | undefined {
  const { fn, plan } = scene
  const controller = plan.messages.get(fn)?.controller
  if (!isUnit(fn, scene) || controller?.kind !== 'x86-apic') return undefined
  const live = plan.board.platform.iommus.filter((u) => u.kind === 'amd-vi')
  const x2apic =
    plan.cmdline.interruptRemapping &&
    atLeast(plan.policy.version, 5, 11) &&
    live.every((u) => bit(u.registers['EFR'], EFR_XTSUP) === true)
  return x2apic ? byRegister(scene, controller, vector) : byMessage(scene, controller, vector)
}

function byMessage(scene: Scene, controller: MsiController, vector: number): Hop[] {
  const { fn, situation } = scene
  const set = situation.busMaster[fn.bdf] ?? fn.busMaster
  const capability = capabilityOf(fn)
  const command = accepted({
    block: 'device',
    at: fn.bdf,
    register: 'Command',
    value: set === false ? '0x0' : '0x4',
    fields: { BME: set === false ? '0' : '1' },
    because: [
      because(
        'the unit itself is the sender: Linux enables its MSI and leaves Bus Master Enable as it is (what the unit makes of the bit: unverified)',
        `${CITE} iommu_setup_msi`,
        set === undefined ? `${fn.bdf}: not recorded` : `${fn.bdf}: Bus Master Enable ${set ? 1 : 0}`,
      ),
    ],
  })
  const enable = enabling(scene, capability)
  if (!capability || enable.decision === 'refused') return [command, enable]
  const message = compose(scene, controller, capability, vector)
  const entry = entryOf(scene, capability, vector, message)
  if (entry.decision === 'refused') return [command, enable, entry]
  return [command, enable, entry, notRemapped(scene), ...cpu(scene, controller, message, vector)]
}

/**
 * x2APIC mode: no message capability, but a register of the unit with a destination of 32 bits. Their names are not
 * verified against the AMD manual; Linux has the offsets.
 */
function byRegister(scene: Scene, controller: MsiController, vector: number): Hop[] {
  const { destination, vector: v } = target(vector)
  const registers = [
    'XT IOMMU General Interrupt Control',
    'XT IOMMU PPR Interrupt Control',
    'XT IOMMU GA Log Interrupt Control',
  ]
  const name = registers[vector]
  const said = {
    block: 'device',
    at: scene.fn.bdf,
    register: name ?? registers[0] ?? '',
    value: `0x${v.toString(16)}`,
    fields: { Destination: `0x${destination.toString(16)}`, Vector: `0x${v.toString(16)}` },
    chosen: ['Destination', 'Vector'],
    because: [
      because(
        'in x2APIC mode the unit does not use its MSI capability: INTCAPXT registers at MMIO 0x170, 0x178 and 0x180 hold destination and vector',
        `${CITE} iommu_setup_intcapxt (commit d1adcfbb520c; one interrupt before 6.6; names of the registers: unverified)`,
        'EFR.XTSup is 1',
      ),
    ],
  } as const
  if (name === undefined)
    return [refused(said, { name: 'no such entry', condition: 'a unit has three interrupts: event, PPR and GA log' })]
  const message = compose(scene, controller, 'MSI', 0)
  return [accepted(said), notRemapped(scene), ...cpu(scene, controller, message, vector)]
}

function notRemapped({ fn }: Scene): Hop {
  return accepted({
    block: 'remapping',
    at: fn.bdf,
    register: 'none',
    value: '0x0',
    because: [
      because(
        'a unit is not considered to translate itself: its interrupt is not remapped, and its DeviceID has no unit in rlookup_table, whatever the IVRS says',
        `${CITE} init_iommu_one`,
        fn.bdf,
      ),
    ],
  })
}
