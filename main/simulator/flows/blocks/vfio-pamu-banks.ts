/**
 * Banks of a container: mapped by the user as in the Freescale SDK, or on demand as it was proposed (user space maps from
 * the bottom of the aperture, VFIO maps a bank at the top when the first MSI of it is enabled, growing down).
 *
 * Sources: reference 50 §6.1, §6.2; 00 S1.8, 50 §7. The errno of a full aperture is ours (unverified).
 */
import type { z } from 'zod'
import type { OperationSpec } from '../../hardware/block'
import { numbers, WINDOWS } from '../../hardware/pamu-words'
import { AT, enter, mib, windowOf } from './vfio-pamu-text'

type Operation = z.input<typeof OperationSpec>
const BANK = { index: 'b', doc: 'number of the bank in the whole system' }

const mapMsiBank: Operation = {
  doc: 'VFIO_IOMMU_PAMU_MAP_MSI_BANK: the page of MSIIR at the window of a bus address. Returns 0 whatever happens. No lock.',
  by: ['vmm'],
  operands: { bank: BANK, at: AT, write: { flag: true, default: true } },
  steps: [
    enter('MAP_MSI_BANK {bank} at {at} MiB', [
      { if: '!{write}', label: 'no permission asked for: nothing is done', name: 'ignored', return: true },
    ]),
    { step: 'window', label: 'the window of {at} MiB is worked out', set: { msi_window: windowOf(mib('at')) } },
    {
      call: 'domain.window_enable',
      with: { window: 'msi_window', page: 'msi.page{bank}', pages: 1, read: false, write: true },
      discard: true,
    },
    {
      step: 'record',
      cases: [
        {
          per: ['w'],
          if: 'domain.valid{w} && domain.paddr{w} == msi.page{bank} && msi_window == {w}',
          name: 'kept',
          label: 'the bank has window {w}',
          set: { 'bank_window{bank}': '{w}', 'bank_mapped{bank}': true, 'bank_iova{bank}': mib('at') },
        },
        { label: 'the bank is not mapped, 0 is returned all the same', name: 'lost' },
      ],
    },
    { call: 'domain.enable', if: 'enable_on == any_map', discard: true },
    { step: 'return', label: 'MAP_MSI_BANK returns 0' },
  ],
}

const unmapMsiBank: Operation = {
  doc: 'VFIO_IOMMU_PAMU_UNMAP_MSI_BANK: returns 0 even where nothing was mapped at that address. No lock.',
  by: ['vmm'],
  operands: { bank: BANK },
  steps: [
    enter('UNMAP_MSI_BANK'),
    {
      step: 'find',
      cases: [
        { if: '!bank_mapped{bank}', label: 'never mapped, 0 is returned', name: 'none', return: true },
        { label: 'the record is found' },
      ],
    },
    { call: 'domain.window_disable', with: { window: 'bank_window{bank}' } },
    {
      step: 'record',
      label: 'the record is removed',
      set: { 'bank_mapped{bank}': false, 'bank_window{bank}': WINDOWS },
    },
  ],
}

const placeBank: Operation = {
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

/** Of the container's block; they use its `bank_…` and `…window` state and its ports. */
export const BANK_OPERATIONS = {
  map_msi_bank: mapMsiBank,
  unmap_msi_bank: unmapMsiBank,
  place_bank: placeBank,
}
