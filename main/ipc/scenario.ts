/** Handlers of scenario.*, explore.*, run.* and step.*: find what the scenario names, then ask the worker. */
import type { calls, ScenarioSummary, WireError } from '../../preload/contract'
import type { Handlers } from '../../preload/wire'
import { err, ok, type Result } from '../simulator/faults'
import type { PlatformRef, Resource } from '../worker/simulator'
import { readResources } from './resources'
import { relayed, type Services } from './services'

type Names =
  | 'scenario.list'
  | 'scenario.schema'
  | 'scenario.read'
  | 'scenario.check'
  | 'scenario.place'
  | 'scenario.order'
  | 'explore.start'
  | 'explore.coverage'
  | 'explore.smallest'
  | 'explore.beside'
  | 'repair.start'
  | 'window.start'
  | 'run.seed'
  | 'run.replay'
  | 'step.poke'
  | 'step.at'

export function scenarioHandlers({ workspace, worker }: Services): Handlers<Pick<typeof calls, Names>> {
  async function resourcesFor(text: string, also: readonly PlatformRef[] = []): Promise<Resource[]> {
    const { platforms, blocks } = await worker.call('scenario.needs', { text })
    return readResources({ platforms: [...platforms, ...also], blocks }, workspace)
  }
  /** Resources first, then the call with them. */
  const withResources = <T>(
    { text, also }: { text: string; also?: readonly PlatformRef[] },
    call: (resources: Resource[]) => Promise<T>,
  ): Promise<Result<T, WireError>> => relayed(resourcesFor(text, also).then(call))

  let summaries: Promise<Result<{ scenarios: ScenarioSummary[] }, WireError>> | undefined

  async function list(): Promise<Result<{ scenarios: ScenarioSummary[] }, WireError>> {
    const files = await workspace.builtin.scenarios()
    const scenarios = files.map(({ id, text }) => ({ name: id, text }))
    const answer = await relayed(worker.call('scenario.summaries', { scenarios }))
    if (!answer.ok) return answer
    const [broken] = answer.value.faults
    return broken ? err(broken) : ok({ scenarios: answer.value.scenarios })
  }

  return {
    async 'scenario.list'() {
      summaries ??= list()
      const answer = await summaries
      if (!answer.ok) summaries = undefined // asked again next time
      return answer
    },
    'scenario.schema': ({ text }, { signal }) =>
      text === undefined
        ? relayed(worker.call('scenario.schema', { resources: [] }))
        : withResources({ text }, (resources) => worker.call('scenario.schema', { text, resources }, { signal })),
    'scenario.read': ({ id }) => workspace.builtin.scenario(id),
    'scenario.check': (request, { signal }) =>
      withResources(request, (resources) => worker.call('scenario.check', { ...request, resources }, { signal })),
    'scenario.place': (request, { signal }) =>
      withResources({ text: request.text, also: request.platform ? [request.platform] : [] }, (resources) =>
        worker.call('scenario.place', { ...request, resources }, { signal }),
      ),
    'explore.start': (request, { signal, progress }) =>
      withResources(request, (resources) =>
        worker.call('explore.start', { ...request, resources }, { signal, onProgress: progress }),
      ),
    'explore.coverage': (request, { signal, progress }) =>
      withResources(request, (resources) =>
        worker.call('explore.coverage', { ...request, resources }, { signal, onProgress: progress }),
      ),
    'explore.smallest': (request, { signal, progress }) =>
      withResources(request, (resources) =>
        worker.call('explore.smallest', { ...request, resources }, { signal, onProgress: progress }),
      ),
    'explore.beside': (request, { signal }) =>
      withResources(request, (resources) => worker.call('explore.beside', { ...request, resources }, { signal })),
    'scenario.order': (request, { signal }) => relayed(worker.call('scenario.order', request, { signal })),
    'repair.start': (request, { signal, progress }) =>
      withResources(request, (resources) =>
        worker.call('repair.start', { ...request, resources }, { signal, onProgress: progress }),
      ),
    'window.start': (request, { signal, progress }) =>
      withResources(request, (resources) =>
        worker.call('window.start', { ...request, resources }, { signal, onProgress: progress }),
      ),
    'run.seed': (request, { signal }) =>
      withResources(request, (resources) => worker.call('run.seed', { ...request, resources }, { signal })),
    'run.replay': (request, { signal }) =>
      withResources(request, (resources) => worker.call('run.replay', { ...request, resources }, { signal })),
    'step.poke': (request, { signal }) =>
      withResources(request, (resources) => worker.call('step.poke', { ...request, resources }, { signal })),
    'step.at': (request, { signal }) =>
      withResources(request, (resources) => worker.call('step.at', { ...request, resources }, { signal })),
  }
}
