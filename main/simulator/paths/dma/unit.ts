/** Which unit a request meets, if any, and what it makes of it. */
import { because } from '../../linux/reason'
import type { Iommu } from '../../platform/schema'
import { accepted } from '../hop'
import { lookUp, type Target } from '../mapped'
import type { Scene } from '../situation'
import { throughAmd } from './amd'
import { throughOther } from './others'
import { throughSmmuV3 } from './smmu'
import { throughVtd, type DmaRequest, type Passed } from './vtd'

/** The unit that firmware puts before the function, whether the kernel runs it or not. */
export const unitBefore = ({ plan, fn }: Scene): Iommu | undefined =>
  plan.board.platform.iommus.find((u) => u.serves.includes(fn.bdf))

export function translated(scene: Scene, request: DmaRequest, doorbell?: Target): Passed {
  const unit = unitBefore(scene)
  const dead = unit && scene.plan.units.dead.get(unit)
  if (!unit || dead)
    return {
      hops: [
        accepted({
          block: 'iommu',
          at: unit?.name ?? 'none',
          register: unit ? (unit.kind === 'vt-d' ? 'GSTS_REG' : 'Control') : 'none',
          value: '0x0',
          ...(unit?.kind === 'vt-d' ? { fields: { TES: '0' } } : {}),
          because: [
            because(
              'the address goes to memory untranslated, and nobody checks it',
              '00 S0.2',
              ...(unit ? [] : ["no unit's scope names the function"]),
            ),
            ...(dead ? [dead] : []),
          ],
        }),
      ],
      output: request.address,
    }
  const lookup = lookUp(scene, unit, request.address, doorbell)
  switch (unit.kind) {
    case 'vt-d':
      return throughVtd(scene, unit, lookup, request)
    case 'amd-vi':
      return throughAmd(scene, unit, lookup, request)
    case 'smmu-v3':
      return throughSmmuV3(scene, unit, lookup, request)
    case 'smmu-v2':
    case 'virtio-iommu':
    case 'pamu':
      return throughOther(scene, unit, lookup, request)
  }
}
