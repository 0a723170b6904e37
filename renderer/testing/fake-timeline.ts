/** The simulator's own timeline for the fake host: it is pure, and only what a run is recorded from is made up. */
import type { CallName, CallOptions, Request, Response } from '../bridge/host'
import type { WireError } from '../../preload/contract'
import { ok } from '../../main/simulator/faults'
import { record } from '../../main/simulator/trace/record'
import { synthetic } from '../../main/simulator/trace/synthetic'
import { timelineHandlers } from '../../main/worker/timeline/handlers'
import { lateView } from './late'

type Names = Extract<CallName, `timeline.${string}`>
type Handlers = { [K in Names]: (request: Request<K>, options: CallOptions<K>) => Promise<Response<K>> }

const clock = { now: () => performance.now(), turn: () => Promise.resolve() }

export function fakeTimeline(refuse: (error: WireError) => never): Handlers {
  const handlers = timelineHandlers(
    {
      recordRun: (_scenario, _resources, { steps, times, origin }) => {
        const states = new Int32Array((steps.length + 1) * lateView.variables.length)
        return ok(record(lateView, { steps, states, ...(times ? { times } : {}) }, origin))
      },
    },
    clock,
    () => Promise.resolve(ok(synthetic({ events: 200_000, seed: 1 }))),
  ) as unknown as Record<
    string,
    (request: unknown, context: unknown) => Promise<{ ok: true; value: never } | { ok: false; error: WireError }>
  >

  const call =
    (name: string) =>
    async (request: unknown, options: CallOptions<'timeline.items'>): Promise<never> => {
      const answer = await handlers[name]?.(request, {
        signal: options.signal ?? new AbortController().signal,
        progress: () => undefined,
        chunk: (chunk: never) => Promise.resolve(options.onChunk?.(chunk)).then(() => true),
      })
      if (!answer) throw new Error(`no handler for ${name}`)
      return answer.ok ? answer.value : refuse(answer.error)
    }
  const open = (name: string) => call('timeline.openPath')({ path: name, name }, {})
  const relayed = [
    'close',
    'items',
    'arrows',
    'names',
    'events',
    'event',
    'step',
    'causality',
    'filter',
    'diff',
    'export',
  ].map((name) => [`timeline.${name}`, call(`timeline.${name}`)])
  return {
    ...(Object.fromEntries(relayed) as Handlers),
    'timeline.record': (request) => call('timeline.record')({ ...request, resources: [] }, {}),
    'timeline.upload': ({ upload }) => open(upload),
    'timeline.open': ({ name }) => open(name),
    'timeline.list': () => Promise.resolve({ runs: ['synthetic.dbrun'] }),
    'timeline.openDialog': () => Promise.resolve(null),
  }
}
