/**
 * Which host interrupts a device could raise if it wrote any address and data that it can reach: its blast radius
 * (reference 00 S0.9, S0.11, S1.12; 60 §3, §7, §8).
 */
import type { MessageRoute } from './messages'

export interface BlastRadius {
  /** Nothing, its own interrupts, those of a controller's frame or bank, or every interrupt of every CPU. */
  readonly scope: 'none' | 'own' | 'frame' | 'everything'
  readonly words: string
  /** GICv2m: the shared peripheral interrupts of the frame, first and last. */
  readonly interrupts?: { readonly first: number; readonly last: number }
  readonly cite: string
}

export function blastRadius(route: MessageRoute): BlastRadius {
  const { controller, mustMap } = route
  // Where writes are translated, a doorbell without a mapping cannot be reached at all.
  const when = mustMap ? ' once its doorbell is mapped; nothing before' : ''
  switch (controller?.kind) {
    case undefined:
      return { scope: 'none', words: 'no MSI controller takes its writes', cite: '00 S0.12' }
    case 'vt-d-ir':
    case 'amd-ir':
      return {
        scope: 'own',
        words: 'its own remapping entries: the unit checks the requester',
        cite: '60 §3 step 11, §6',
      }
    case 'gicv3-its':
      return { scope: 'own', words: `its own events: the ITS looks them up by DeviceID${when}`, cite: '60 §8' }
    case 'x86-apic':
      return {
        scope: 'everything',
        words: 'any vector on any CPU: every write to 0xfee00000–0xfeefffff is delivered',
        cite: '60 §3 step 5',
      }
    case 'gicv2m': {
      const { spis } = controller
      const which = spis ? `SPIs ${spis.base}–${spis.base + spis.count - 1}` : 'every SPI'
      return {
        scope: 'frame',
        words: `${which} of the frame, whoever they belong to${when}`,
        ...(spis ? { interrupts: { first: spis.base, last: spis.base + spis.count - 1 } } : {}),
        cite: '60 §7',
      }
    }
    case 'mpic':
      return {
        scope: 'frame',
        words: `all 256 interrupts of the bank, whoever they belong to${when}`,
        cite: '00 S1.12',
      }
  }
}
