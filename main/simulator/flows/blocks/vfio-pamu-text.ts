/** Texts that the ioctls of the PAMU's containers share. */
import type { BlockStep, CaseSpec } from '../../hardware/block'
import { PAGES_PER_MIB } from '../../hardware/pamu-words'

export const AT = { integer: [0, 65535] as [number, number], doc: 'MiB' }
/** An operand in MiB as pages. */
export const mib = (operand: string): string => `({${operand}} * ${PAGES_PER_MIB})`

/** iova_to_win: no check of alignment, nor of the end of the aperture; 256 stands for whatever lies outside. */
export const windowOf = (page: string): string =>
  `(${page} < aperture ? 256 : min(256, (${page} - aperture) / max(1, page_size)))`

/** The container's ioctl has no back-end to go to (vfio.c): -EINVAL. */
const needsBackend: CaseSpec = { if: '!group.iommu', errno: 'EINVAL', label: 'the container has no back-end' }
/** The first step of an ioctl, with what ends it at once. */
export const enter = (label: string, cases: CaseSpec[] = []): BlockStep => ({
  step: 'enter',
  cases: [needsBackend, ...cases, { label }],
})
