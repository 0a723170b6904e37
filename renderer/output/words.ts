/** What came of a call, in a few numbers. */
import { plural } from '../model/format'

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null
const count = (x: unknown, word: string): string => (Array.isArray(x) ? plural(x.length, word) : '')

/** Empty where the call says nothing that can be counted. */
export function sumUp(call: string, value: unknown): string {
  if (!isRecord(value)) return ''
  const numbers = (...words: string[]): string[] =>
    words.flatMap((word) => (typeof value[word] === 'number' ? [plural(value[word], word.replace(/s$/, ''))] : []))
  switch (call) {
    case 'explore.start': {
      const bad = Array.isArray(value['properties'])
        ? value['properties'].filter((p) => isRecord(p) && p['verdict'] === 'violated').length
        : 0
      const stopped = typeof value['stopped'] === 'string' ? [`stopped: ${value['stopped']}`] : []
      return [...numbers('states', 'transitions'), `${bad} violated`, ...stopped].join(', ')
    }
    case 'scenario.check':
    case 'board.check':
      return count(value['problems'], 'problem')
    case 'repair.start':
      return count(value['repairs'], 'repair')
    case 'window.start':
      return numbers('runs', 'hits').join(', ')
    case 'run.seed':
    case 'run.replay':
      return numbers('steps').join(', ')
    case 'step.at':
      return count(value['enabled'], 'next step')
    case 'scenario.list':
      return count(value['scenarios'], 'scenario')
    case 'plan.compute':
      return count(value['verdicts'], 'verdict')
    case 'timeline.record':
      return numbers('events').join(', ')
    default:
      return ''
  }
}
