/** The worker's handlers: contract in, simulator behind. A plain module, so that tests run it without a thread. */
import { err, ok, type Fault, type Result } from '../simulator/faults'
import { MOST_PLANNED, type PlanVerdict, type ScenarioSummary, type WireError } from '../../preload/contract'
import { wireError, type Handlers } from '../../preload/wire'
import type { workerCalls } from './calls'
import { barePlatform } from '../simulator/platform/edit/bare'
import { writePlatform } from '../simulator/platform/edit/text'
import { checkBoard, editBoard } from './boards'
import { explainFaultLine, reportDmaPath, reportMsiPath } from './explaining'
import { checkPlan, comparePlan, planMachine, reportAttach, reportTypes, verdict, withPlanned } from './planning'
import type { Simulator } from './simulator'
import { repairInSlices } from './repairing'
import { studyInSlices } from './windowing'
import { openPath } from './timeline/open'
import { timelineHandlers } from './timeline/handlers'
import { runInSlices, SLICE_MS, type Clock } from './slices'

/** Faults are wire errors already; what is a promise here is only so for the protocol. */
const answer = <T>(result: Result<T, Fault>): Promise<Result<T, WireError>> => Promise.resolve(result)

export function createWorkerHandlers(simulator: Simulator, clock: Clock): Handlers<typeof workerCalls> {
  return {
    ...timelineHandlers(simulator, clock, openPath),
    ping: () => answer(ok({})),
    'scenario.schema': ({ text, resources }) => answer(ok(simulator.scenarioSchema(text, resources))),
    'scenario.needs': ({ text }) => answer(ok(simulator.needs(text))),
    'scenario.summaries': ({ scenarios }) => {
      const good: ScenarioSummary[] = []
      const faults: Fault[] = []
      for (const scenario of scenarios) {
        const summary = simulator.summary(scenario)
        if (summary.ok) good.push(summary.value)
        else faults.push({ ...summary.error, file: summary.error.file ?? scenario.name })
      }
      return answer(ok({ scenarios: good, faults }))
    },
    'scenario.check': ({ resources, scale, ...scenario }) => answer(ok(simulator.check(scenario, resources, scale))),
    'scenario.place': ({ resources, device, under, platform, ...scenario }) => {
      const text = simulator.place(scenario, resources, { device, under, platform })
      return answer(text.ok ? ok({ text: text.value }) : text)
    },
    async 'explore.start'({ resources, options, ...scenario }, { signal, progress }) {
      const exploration = simulator.explore(scenario, resources, options)
      if (!exploration.ok) return err(exploration.error)
      return ok(await runInSlices(exploration.value, clock, signal, progress))
    },
    async 'explore.coverage'({ resources, options, ...scenario }, { signal, progress }) {
      const asked = { ...options, coverage: true, critical: false, minimise: false }
      const exploration = simulator.explore(scenario, resources, asked)
      if (!exploration.ok) return err(exploration.error)
      const { coverage } = await runInSlices(exploration.value, clock, signal, progress)
      return coverage && !signal.aborted ? ok(coverage) : err(wireError('CANCELLED', 'cancelled'))
    },
    async 'explore.smallest'({ resources, options, ...scenario }, { signal, progress }) {
      const asked = { ...options, coverage: false, critical: false, minimise: true }
      const exploration = simulator.explore(scenario, resources, asked)
      if (!exploration.ok) return err(exploration.error)
      const { properties } = await runInSlices(exploration.value, clock, signal, progress)
      return ok({
        smallest: properties.flatMap((p) => (p.smallest ? [{ property: p.name, instance: p.smallest }] : [])),
      })
    },
    'explore.beside': ({ resources, steps, repair, scale, ...scenario }) =>
      answer(simulator.beside(scenario, resources, { steps, repair, scale: scale ?? {} })),
    'scenario.order': ({ repair, ...scenario }) => {
      const text = simulator.order(scenario, repair)
      return answer(text.ok ? ok({ text: text.value }) : text)
    },
    async 'repair.start'({ resources, options, ...scenario }, { signal, progress }) {
      const search = simulator.repair(scenario, resources, options)
      if (!search.ok) return err(search.error)
      return ok(await repairInSlices(search.value, clock, signal, progress))
    },
    async 'window.start'({ resources, options, ...scenario }, { signal, progress }) {
      const study = simulator.window(scenario, resources, options)
      if (!study.ok) return err(study.error)
      return ok(await studyInSlices(study.value, clock, signal, progress))
    },
    'run.seed': ({ resources, seed, scale, ...scenario }) =>
      answer(simulator.runSeed(scenario, resources, seed, scale)),
    'run.replay': ({ resources, token, ...scenario }) => answer(simulator.runReplay(scenario, resources, token)),
    'step.poke': ({ resources, steps, poke, ...scenario }) =>
      answer(simulator.stepPoke(scenario, resources, steps, poke)),
    'step.at': ({ resources, choices, ...scenario }) => answer(simulator.stepAt(scenario, resources, choices)),
    async 'plan.compute'({ platform, observations, sriov, guest, ...options }, { signal }) {
      const machine = withPlanned(platform, sriov, MOST_PLANNED)
      if (!machine.ok) return machine
      const plan = planMachine(machine.value, options)
      if (!plan.ok) return plan
      // What a kernel did, it did without the functions that are only planned.
      const asIs = machine.value === platform ? plan : planMachine(platform, options)
      const verdicts: PlanVerdict[] = []
      let sliceEnd = clock.now() + SLICE_MS
      for (const fn of plan.value.board.scanOrder) {
        if (clock.now() >= sliceEnd) {
          await clock.turn()
          if (signal.aborted) return err(wireError('CANCELLED', 'cancelled'))
          sliceEnd = clock.now() + SLICE_MS
        }
        verdicts.push(verdict(plan.value, fn))
      }
      const check = asIs.ok ? checkPlan(asIs.value, observations) : null
      return ok({ ...comparePlan(platform, plan.value, guest), verdicts, check })
    },
    'board.draft': (from) =>
      answer(ok({ text: writePlatform('platform' in from ? from.platform : barePlatform(from.bare, from.name)) })),
    'board.check': (board) => answer(ok(checkBoard(board))),
    'board.edit': ({ edit, ...board }) => answer(editBoard(board, edit)),
    'explain.msi': ({ platform, sriov, ...question }) => {
      const machine = withPlanned(platform, sriov, MOST_PLANNED)
      return answer(machine.ok ? reportMsiPath(machine.value, question) : machine)
    },
    'explain.dma': ({ platform, sriov, ...question }) => {
      const machine = withPlanned(platform, sriov, MOST_PLANNED)
      return answer(machine.ok ? reportDmaPath(machine.value, question) : machine)
    },
    'explain.fault': ({ text }) => answer(explainFaultLine(text)),
    'plan.types': ({ platform, sriov, device, ...options }) => {
      const machine = withPlanned(platform, sriov, MOST_PLANNED)
      if (!machine.ok) return answer(machine)
      const plan = planMachine(machine.value, options)
      return answer(plan.ok ? reportTypes(plan.value, device) : plan)
    },
    'plan.attach': ({ platform, sriov, kernel, cmdline, kdump, ...flags }) => {
      const machine = withPlanned(platform, sriov, MOST_PLANNED)
      if (!machine.ok) return answer(machine)
      const plan = planMachine(machine.value, { kernel, cmdline, kdump })
      return answer(plan.ok ? reportAttach(plan.value, { ...flags, kernel }) : plan)
    },
  }
}
