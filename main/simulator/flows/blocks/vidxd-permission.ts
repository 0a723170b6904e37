/**
 * The guest's write of MSIXPERM in the generations of the VDCM, and in the order of the mail. Source: 70 §8 (G1 … G4),
 * §8.2, §11; S4.10, S4.11.
 */
import type { z } from 'zod'
import type { OperationSpec } from '../../hardware/block'

type Operation = z.input<typeof OperationSpec>

/** Guest → host, and what becomes of an error (70 §8, §8.2). */
const TRANSLATE = { spid: 'MSIXPERM{vector}.PASID', own_mm: 'lookup_in == vcpu' }

export const PERMISSION: Record<string, Operation> = {
  write_msixperm: {
    doc: 'The guest writes its MSIXPERM entry: stored, and what the generation does besides.',
    cite: '70 §8, §8.2',
    by: ['guest'],
    operands: {
      vector: { index: 'v' },
      spid: { names: 'spids' },
      pasid_en: { flag: true, default: true },
      low: { integer: [0, 3], default: 0, doc: 'bits 1:0 of the value: reserved' },
    },
    steps: [
      {
        step: 'trap',
        trap: true,
        label: 'MSIXPERM[{vector}] := {spid}, PASID_EN {pasid_en}',
        // G1 masks with 0xFFFFF00D, G3 only prints the masked copy.
        set: {
          'MSIXPERM{vector}.PASID': '{spid}',
          'MSIXPERM{vector}.PASID_EN': '{pasid_en}',
          'MSIXPERM{vector}.LOW': 'generation == G1 ? {low} % 2 : {low}',
        },
      },
      { call: 'apply_g1', if: 'generation == G1 && {pasid_en}', with: { vector: '{vector}' } },
      { call: 'apply_g3', if: 'generation == G3 && !helper_uncalled && {pasid_en}', with: { vector: '{vector}' } },
      { call: 'apply_g4', if: 'generation == G4 && {pasid_en}', with: { vector: '{vector}' } },
      { call: 'apply_mail', if: 'generation == mail && {pasid_en}', with: { vector: '{vector}' } },
      {
        call: 'apply_either',
        if: 'generation == either && {pasid_en} && irqchip.allocated{vector-1}',
        with: { vector: '{vector}' },
      },
      { step: 'returns', label: 'the write of MSIXPERM returns to the guest' },
    ],
  },
  apply_either: {
    doc: 'The interrupt exists: ioasid_find_by_spid, the PASID of struct device, irq_set_auxdata.',
    cite: 'S4.3, S4.4, S4.7; 70 §11 B7, B7a',
    by: ['host'],
    operands: { vector: { index: 'v' } },
    steps: [
      { call: 'ioasid.find_by_spid', with: TRANSLATE },
      { step: 'device', label: 'struct device gets the host PASID', set: { 'irqchip.DEVICE.PASID': 'ioasid.found' } },
      { call: 'irqchip.set_auxdata', with: { slot: '{vector-1}', pasid: 'ioasid.found' } },
    ],
  },
  apply_g1: {
    doc: 'At once, but always with the mediated device’s own PASID.',
    cite: '70 §8, G1',
    by: ['host'],
    operands: { vector: { index: 'v' } },
    steps: [
      { call: 'ioasid.find_by_spid', if: '!guest_pasid_ignored', with: TRANSLATE },
      {
        call: 'irqchip.set_auxdata',
        with: {
          slot: '{vector-1}',
          pasid: 'guest_pasid_ignored ? irqchip.dev_pasid : ioasid.found',
        },
      },
    ],
  },
  apply_g3: {
    doc: 'The helper that has no caller in the public code: translate and program, a failed look-up is returned.',
    cite: '70 §8.3',
    by: ['host'],
    operands: { vector: { index: 'v' } },
    steps: [
      { call: 'ioasid.find_by_spid', with: TRANSLATE },
      { call: 'irqchip.set_auxdata', with: { slot: '{vector-1}', pasid: 'ioasid.found' } },
    ],
  },
  apply_g4: {
    doc: 'Look-up (its result ignored), device-wide PASID, then the cookie of the vector (its result ignored).',
    cite: '70 §8, G4; §8.2',
    by: ['host'],
    operands: { vector: { index: 'v' } },
    steps: [
      { call: 'ioasid.find_by_spid', if: 'lookup_ignored', with: TRANSLATE, discard: true },
      { call: 'ioasid.find_by_spid', if: '!lookup_ignored', with: TRANSLATE },
      {
        step: 'device',
        label: 'device-wide PASID := result of the look-up',
        set: { 'irqchip.DEVICE.PASID': 'per_vector ? irqchip.dev_pasid : ioasid.found' },
      },
      {
        call: 'irqchip.set_auxdata',
        if: 'cookie_ignored',
        with: { slot: '{vector-1}', pasid: 'ioasid.found' },
        discard: true,
      },
      {
        call: 'irqchip.set_auxdata',
        if: '!cookie_ignored',
        with: { slot: '{vector-1}', pasid: 'ioasid.found' },
      },
    ],
  },
  apply_mail: {
    doc: 'Step 7 of the mail: ioasid_find_by_spid, then irq_set_auxdata. An error ends in the host; the guest’s write has no status.',
    cite: 'S4.10; 70 §11',
    by: ['host'],
    operands: { vector: { index: 'v' } },
    steps: [
      { call: 'ioasid.find_by_spid', with: TRANSLATE },
      { call: 'irqchip.set_auxdata', with: { slot: '{vector-1}', pasid: 'ioasid.found' } },
    ],
  },
}
