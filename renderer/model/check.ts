/** A plan beside what was observed, in words. Pure. */
import type { PlanDifference } from '../../preload/contract'

export interface DifferenceWords {
  what: string
  device: string
  predicted: string[]
  observed: string[]
  cause?: string
}

const WHAT: Record<PlanDifference['what'], string> = {
  group: 'group',
  type: 'default domain',
  reserved: 'reserved regions',
  ungrouped: 'in no observed group',
  reset: 'ways to reset it',
}

const list = (value: unknown): string[] => {
  if (value === null || value === undefined) return ['none']
  const all = Array.isArray(value) ? value.map(String) : [typeof value === 'string' ? value : JSON.stringify(value)]
  return all.length > 0 ? all : ['none']
}

/** `fee00000-feefffff msi` → `0xfee00000–0xfeefffff msi` */
const region = (text: string): string => text.replace(/^([0-9a-f]+)-([0-9a-f]+)/, '0x$1–0x$2')

/** Of regions only those that differ; all of them where only their order does. */
export function differenceWords(d: PlanDifference): DifferenceWords {
  const words = d.what === 'reserved' ? (v: unknown) => list(v).map(region) : list
  const [predicted, observed] = [words(d.predicted), words(d.observed)]
  const only = (a: string[], b: string[]): string[] => a.filter((x) => !b.includes(x))
  const [extra, missing] = [only(predicted, observed), only(observed, predicted)]
  const narrow = d.what === 'reserved' && extra.length + missing.length > 0
  return {
    what: WHAT[d.what],
    device: d.device ?? '',
    predicted: narrow ? (extra.length > 0 ? extra : ['not these']) : predicted,
    observed: narrow ? (missing.length > 0 ? missing : ['not these']) : observed,
    ...(d.cause === undefined ? {} : { cause: d.cause }),
  }
}
