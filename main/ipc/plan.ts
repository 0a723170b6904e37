/** Handlers of plan.*, board.* and explain.*: the machine is read here, the answer is the worker's. */
import type { calls, PlanSubject, Platform, WireError } from '../../preload/contract'
import type { Handlers } from '../../preload/wire'
import { ok, type Result } from '../simulator/faults'
import { readPlatform } from './resources'
import { relayed, type Services } from './services'

type Names =
  | 'plan.compute'
  | 'plan.types'
  | 'plan.attach'
  | 'board.draft'
  | 'board.check'
  | 'board.edit'
  | 'explain.msi'
  | 'explain.dma'
  | 'explain.fault'

export function planHandlers({ workspace, worker }: Services): Handlers<Pick<typeof calls, Names>> {
  const machineOf = (subject: PlanSubject): Promise<Result<Platform>> =>
    'given' in subject ? Promise.resolve(ok(subject.given)) : readPlatform(subject, workspace)

  /** What a kernel was seen to do is kept beside an imported platform, never in it. */
  const observedOn = (subject: PlanSubject) =>
    'imported' in subject ? workspace.platforms.observations(subject.imported) : Promise.resolve(null)

  async function withMachine<T>(
    subject: PlanSubject,
    call: (platform: Platform) => Promise<T>,
  ): Promise<Result<T, WireError>> {
    const platform = await machineOf(subject)
    return platform.ok ? relayed(call(platform.value)) : platform
  }

  return {
    'plan.compute': (request, { signal }) =>
      withMachine(request.platform, async (platform) => {
        const observations = await observedOn(request.platform)
        return worker.call('plan.compute', { ...request, platform, observations }, { signal })
      }),
    'board.draft': (request, { signal }) =>
      'bare' in request
        ? relayed(worker.call('board.draft', request, { signal }))
        : withMachine(request.from, (platform) => worker.call('board.draft', { platform }, { signal })),
    'board.check': (request, { signal }) => relayed(worker.call('board.check', request, { signal })),
    'board.edit': (request, { signal }) => relayed(worker.call('board.edit', request, { signal })),
    'explain.msi': (request, { signal }) =>
      withMachine(request.platform, (platform) => worker.call('explain.msi', { ...request, platform }, { signal })),
    'explain.dma': (request, { signal }) =>
      withMachine(request.platform, (platform) => worker.call('explain.dma', { ...request, platform }, { signal })),
    'explain.fault': (request, { signal }) => relayed(worker.call('explain.fault', request, { signal })),
    'plan.types': (request, { signal }) =>
      withMachine(request.platform, (platform) => worker.call('plan.types', { ...request, platform }, { signal })),
    'plan.attach': (request, { signal }) =>
      withMachine(request.platform, (platform) => worker.call('plan.attach', { ...request, platform }, { signal })),
  }
}
