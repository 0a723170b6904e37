/**
 * Banks on demand, as it was proposed: user space maps from the bottom of the aperture, VFIO maps a bank at the top when
 * the first MSI of it is enabled, growing down. Sources: reference 00 S1.8, 50 §7; the errno of a full aperture is ours.
 */
import type { z } from 'zod'
import type { OperationSpec } from '../../hardware/block'
import { numbers, WINDOWS } from '../../hardware/pamu-words'

/** Of the calling block: `bank_mapped`, `bank_window`, `bank_iova`, `place`, ports `domain` and `msi`. */
export const placeBank: z.input<typeof OperationSpec> = {
  doc: 'The bank gets the highest free window, unless it has one.',
  by: ['vmm', 'host'],
  operands: { bank: { expression: 'int' } },
  steps: [
    {
      step: 'choose',
      cases: [
        {
          if: 'placement == user || any{b: bank == {b} && bank_mapped{b}}',
          name: 'there',
          label: 'no window is to be placed',
          return: true,
        },
        ...numbers(WINDOWS)
          .reverse()
          .map((w) => ({
            if: `${w} < domain.count && !domain.valid${w}`,
            name: `window${w}`,
            label: `window ${w} is the highest free one`,
            set: { place: w },
          })),
        { errno: 'ENOSPC', label: 'no window is left for the bank' },
      ],
    },
    {
      call: 'domain.window_enable',
      with: { window: 'place', page: 'sum{b: bank == {b} ? msi.page{b} : 0}', pages: 1, read: false, write: true },
    },
    {
      step: 'record',
      label: 'the bank is mapped',
      set: {
        'bank_mapped{*b}': 'bank == {b} ? true : bank_mapped{b}',
        'bank_window{*b}': 'bank == {b} ? place : bank_window{b}',
        'bank_iova{*b}': 'bank == {b} ? aperture + place * page_size : bank_iova{b}',
      },
    },
    { call: 'domain.enable', discard: true },
  ],
}
