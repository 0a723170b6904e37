/** Verdicts in words and tones. A colour never stands alone: every verdict has an icon and a word. */
import type { PropertyResult, ScenarioSummary } from '../../preload/contract'

export type Verdict = PropertyResult['verdict']
export type PropertyKind = PropertyResult['kind']
export type Tone = 'good' | 'bad' | 'wait' | 'note'

export interface VerdictFace {
  word: string
  tone: Tone
  icon: 'check' | 'cross' | 'eye' | 'eye-off' | 'question'
  meaning: string
}

export const VERDICTS: Record<Verdict, VerdictFace> = {
  holds: { word: 'holds', tone: 'good', icon: 'check', meaning: 'True in every run: all interleavings were explored.' },
  violated: {
    word: 'violated',
    tone: 'bad',
    icon: 'cross',
    meaning: 'False in at least one run; the shortest one is shown.',
  },
  witnessed: {
    word: 'witnessed',
    tone: 'good',
    icon: 'eye',
    meaning: 'It really happens in some run; the shortest one is shown.',
  },
  unwitnessed: { word: 'unwitnessed', tone: 'bad', icon: 'eye-off', meaning: 'It happens in no run at all.' },
  undecided: {
    word: 'undecided',
    tone: 'wait',
    icon: 'question',
    meaning: 'Exploring stopped before this could be decided: raise the bound and explore again.',
  },
}

export const KIND_WORD: Record<PropertyKind, string> = {
  never: 'never',
  always: 'always',
  sometimes: 'sometimes',
  order: 'order',
  end: 'at the end',
  deadlock: 'no deadlock',
  complete: 'complete',
  range: 'in range',
}

export type Agreement = 'as expected' | 'not as expected' | 'no expectation' | 'undecided'

export function agreement(verdict: Verdict, expected: Verdict | undefined): Agreement {
  if (verdict === 'undecided') return 'undecided'
  if (!expected) return 'no expectation'
  return verdict === expected ? 'as expected' : 'not as expected'
}

/** The run that a property points at: what breaks it, or what shows it. */
export function evidence(
  property: PropertyResult,
): { what: 'counterexample' | 'witness'; trace: NonNullable<PropertyResult['witness']> } | null {
  if (property.counterexample) return { what: 'counterexample', trace: property.counterexample }
  if (property.witness) return { what: 'witness', trace: property.witness }
  return null
}

/** What a list of scenarios shows of one: its expected verdicts, worst first, each kind once. */
export function expectedBadges(summary: ScenarioSummary): { verdict: Verdict; count: number }[] {
  const order: Verdict[] = ['violated', 'unwitnessed', 'undecided', 'holds', 'witnessed']
  return order.flatMap((verdict) => {
    const n = summary.properties.filter((p) => p.expected === verdict).length
    return n > 0 ? [{ verdict, count: n }] : []
  })
}
