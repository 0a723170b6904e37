/** A host for the window's own tests and previews: answers from fixed data, at once or slowly. Never part of the product. */
import type {
  Answer,
  CallName,
  CallOptions,
  Connection,
  EventName,
  EventPayload,
  Host,
  Request,
  Response,
} from '../bridge/host'
import { fakeExploring } from './fake-exploring'
import { Refusal, refuse, type Handlers, type Pace } from './fake-handlers'
import { fakeMachines, type Observed } from './fake-machines'
import { fakeTimeline } from './fake-timeline'
import { fakeWorkspace } from './fake-workspace'

export interface FakeHost extends Host {
  handlers: Handlers
  /** Files of its workspace, by name. */
  files: Map<string, string>
  journals: Map<string, string[]>
  observed: Observed
  calls: { name: CallName; request: unknown }[]
  emit<E extends EventName>(event: E, payload: EventPayload<E>): void
  connection(state: Connection): void
}

export function createFakeHost({ slow = false } = {}): FakeHost {
  const listeners = new Map<string, Set<(payload: never) => void>>()
  const connections = new Set<(state: Connection) => void>()
  const workspace = fakeWorkspace()
  const worker = { state: 'ready' as const, restarts: 0 }
  const pause = (ms: number): Promise<void> => (slow ? new Promise((done) => setTimeout(done, ms)) : Promise.resolve())
  const pace: Pace = { slow, pause }

  const handlers: Handlers = {
    'app.info': () => ({ version: '0.1.0', host: 'served', worker }),
    ...fakeExploring(pace),
    ...fakeMachines(pace, () => fake.observed),
    ...fakeTimeline(refuse),
    ...workspace.handlers,
    'menu.show': () => ({}),
  }

  const fake: FakeHost = {
    handlers,
    files: workspace.documents,
    journals: workspace.journals,
    observed: null,
    calls: [],
    async call<K extends CallName>(
      name: K,
      request: Request<K>,
      options: CallOptions<K> = {},
    ): Promise<Answer<Response<K>>> {
      fake.calls.push({ name, request })
      await pause(15)
      try {
        return { ok: true, value: await fake.handlers[name](request, options) }
      } catch (reason) {
        if (reason instanceof Refusal) return { ok: false, error: reason.error }
        throw reason
      }
    },
    on<E extends EventName>(event: E, listener: (payload: EventPayload<E>) => void) {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(listener))
      return () => void set.delete(listener)
    },
    onConnection(listener) {
      connections.add(listener)
      listener('open')
      return () => void connections.delete(listener)
    },
    emit: (event, payload) => listeners.get(event)?.forEach((listener) => listener(payload as never)),
    connection: (state) => connections.forEach((listener) => listener(state)),
  }
  return fake
}
