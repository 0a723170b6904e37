/** What the host asks of the worker: the window's calls on scenarios, plus the platforms they name, as data. */
import { z } from 'zod'
import { calls, OpenedRun, Platform, ScenarioSummary, WireError } from '../../preload/contract'
import { Observations } from '../simulator/platform/observations'
import { BlockRef, PlatformRef, Resource } from './simulator'

const resources = z.array(Resource)
const withResources = { resources }
const withPlatform = { platform: Platform }

export const workerCalls = {
  ping: { req: z.object({}), res: z.object({}) },
  'scenario.schema': { ...calls['scenario.schema'], req: calls['scenario.schema'].req.extend(withResources) },
  'scenario.needs': {
    req: z.object({ text: z.string() }),
    res: z.object({ platforms: z.array(PlatformRef), blocks: z.array(BlockRef) }),
  },
  /** Those that can be read, and what is wrong with the others. */
  'scenario.summaries': {
    req: z.object({ scenarios: z.array(z.object({ name: z.string(), text: z.string() })) }),
    res: z.object({ scenarios: z.array(ScenarioSummary), faults: z.array(WireError) }),
  },
  'scenario.check': { ...calls['scenario.check'], req: calls['scenario.check'].req.extend(withResources) },
  'scenario.place': { ...calls['scenario.place'], req: calls['scenario.place'].req.extend(withResources) },
  'explore.start': { ...calls['explore.start'], req: calls['explore.start'].req.extend(withResources) },
  'explore.coverage': { ...calls['explore.coverage'], req: calls['explore.coverage'].req.extend(withResources) },
  'explore.smallest': { ...calls['explore.smallest'], req: calls['explore.smallest'].req.extend(withResources) },
  'explore.beside': { ...calls['explore.beside'], req: calls['explore.beside'].req.extend(withResources) },
  'scenario.order': calls['scenario.order'],
  'repair.start': { ...calls['repair.start'], req: calls['repair.start'].req.extend(withResources) },
  'window.start': { ...calls['window.start'], req: calls['window.start'].req.extend(withResources) },
  'run.seed': { ...calls['run.seed'], req: calls['run.seed'].req.extend(withResources) },
  'run.replay': { ...calls['run.replay'], req: calls['run.replay'].req.extend(withResources) },
  'step.poke': { ...calls['step.poke'], req: calls['step.poke'].req.extend(withResources) },
  'step.at': { ...calls['step.at'], req: calls['step.at'].req.extend(withResources) },
  'plan.compute': {
    ...calls['plan.compute'],
    req: calls['plan.compute'].req.extend({ ...withPlatform, observations: Observations.nullable() }),
  },
  'board.draft': {
    req: z.union([
      z.object({ platform: Platform }),
      z.object({ bare: z.enum(['x86', 'arm64', 'powerpc']), name: z.string() }),
    ]),
    res: calls['board.draft'].res,
  },
  'board.check': calls['board.check'],
  'board.edit': calls['board.edit'],
  'explain.msi': { ...calls['explain.msi'], req: calls['explain.msi'].req.extend(withPlatform) },
  'explain.dma': { ...calls['explain.dma'], req: calls['explain.dma'].req.extend(withPlatform) },
  'explain.fault': calls['explain.fault'],
  'timeline.record': { ...calls['timeline.record'], req: calls['timeline.record'].req.extend(withResources) },
  /** A file that the host names: the window never does. */
  'timeline.openPath': {
    req: z.object({ path: z.string(), name: z.string() }),
    progress: calls['timeline.upload'].progress,
    res: OpenedRun,
  },
  'timeline.close': calls['timeline.close'],
  'timeline.items': calls['timeline.items'],
  'timeline.arrows': calls['timeline.arrows'],
  'timeline.names': calls['timeline.names'],
  'timeline.events': calls['timeline.events'],
  'timeline.event': calls['timeline.event'],
  'timeline.step': calls['timeline.step'],
  'timeline.causality': calls['timeline.causality'],
  'timeline.filter': calls['timeline.filter'],
  'timeline.diff': calls['timeline.diff'],
  'timeline.export': calls['timeline.export'],
  'plan.types': { ...calls['plan.types'], req: calls['plan.types'].req.extend(withPlatform) },
  'plan.attach': { ...calls['plan.attach'], req: calls['plan.attach'].req.extend(withPlatform) },
} as const

export const workerEvents = {} as const
