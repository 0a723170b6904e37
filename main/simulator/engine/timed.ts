/**
 * A run in time: each step that becomes enabled draws its latency and happens when that has passed, unless something
 * disables it first; steps that become enabled at once draw in the order of agents and steps. Time is integer
 * nanoseconds; ties go to the step with the lower number. The same seed gives the same run on every machine.
 *
 * After a step only those are looked at again that it can have enabled or disabled (model/straight.ts `Affected`).
 */
import { assert } from '../faults'
import type { Program } from '../model/compile'
import { pack } from '../model/layout'
import type { Model, Step } from '../model/model'
import { Affected, mostEnabled, programOrder, stepCode, type StepCode } from '../model/straight'
import type { Path } from './path'
import { eventQueue, type EventQueue } from './queue/queue'
import { Random, rejectFrom } from './rng'

export interface TimedPath extends Path {
  /** When each step happened, ns. */
  readonly times: readonly number[]
  /** The run was cut off here, at `maxSteps`. */
  readonly cut: boolean
}

/** Where a run that does not end by itself is cut off, steps. */
export const MAX_STEPS = 10_000

export class TimedEngine {
  /** One value a variable, of the present state. */
  readonly values: Int32Array
  /** The latency that each step drew first in this run, ns; −1: none so far. */
  readonly drawn: Float64Array
  readonly code: StepCode
  /** 1: enabled, its latency drawn. */
  readonly pending: Uint8Array
  /** The last step left a domain: the run ends, in the state before it. */
  outOfRange = false
  private readonly initial: Int32Array
  private readonly queue: EventQueue
  private readonly random = new Random(0)
  private readonly affected: Affected
  private readonly order: readonly number[]
  /** Of each step: where its agent's location lies, and from where to where it leads. */
  private readonly locations: Int32Array
  private readonly froms: Int32Array
  private readonly tos: Int32Array
  /** Its shortest latency, how many there are (0: more than a word counts), and what `Random.below` needs beside that. */
  private readonly shortest: Float64Array
  private readonly spans: Uint32Array
  private readonly limits: Float64Array

  constructor(readonly model: Model) {
    this.initial = Int32Array.from(model.variables, (v) => v.initial)
    this.values = this.initial.slice()
    this.drawn = new Float64Array(model.steps.length)
    this.pending = new Uint8Array(model.steps.length)
    this.code = stepCode(model, this.values)
    this.affected = new Affected(model)
    this.order = programOrder(model)
    const { steps } = model
    this.locations = Int32Array.from(steps, (s) => model.agents[s.agent]?.location ?? -1)
    this.froms = Int32Array.from(steps, (s) => s.from)
    this.tos = Int32Array.from(steps, (s) => s.to)
    const span = (s: Step): number => Math.max(1, s.latency[1] - s.latency[0] + 1)
    this.shortest = Float64Array.from(steps, (s) => s.latency[0])
    this.spans = Uint32Array.from(steps, (s) => (span(s) > 0xffffffff ? 0 : span(s)))
    this.limits = Float64Array.from(steps, (s) => rejectFrom(span(s)))
    const longest = model.steps.reduce((n, s) => Math.max(n, s.latency[1]), 0)
    this.queue = eventQueue(model.steps.length, mostEnabled(model), longest)
  }

  /** Time of the last step, ns. */
  get now(): number {
    return this.queue.now
  }

  /** Steps that are enabled. */
  get enabled(): number {
    return this.queue.size
  }

  start(seed: number): void {
    this.values.set(this.initial)
    this.drawn.fill(-1)
    this.pending.fill(0)
    this.outOfRange = false
    this.queue.clear()
    this.random.reset(seed)
    for (const step of this.order) this.look(step)
  }

  /** Takes the next step and gives its number; −1 where the run has ended. */
  next(): number {
    if (this.outOfRange) return -1
    const step = this.queue.pop()
    if (step < 0) return -1
    this.pending[step] = 0
    const effect = this.code.effects[step]
    if (effect && effect() !== 0) {
      this.outOfRange = true
      return step
    }
    this.values[this.locations[step] ?? 0] = this.tos[step] ?? 0
    const again = this.affected.of(step)
    for (let i = 0; i < again.length; i++) this.look(again[i] ?? 0)
    return step
  }

  private look(step: number): void {
    const guard = this.code.guards[step]
    if (this.values[this.locations[step] ?? 0] === this.froms[step] && (!guard || guard())) {
      if (this.pending[step] !== 0) return
      this.pending[step] = 1
      const after = this.draw(step)
      if ((this.drawn[step] ?? 0) < 0) this.drawn[step] = after
      this.queue.schedule(step, this.queue.now + after)
    } else if (this.pending[step] !== 0) {
      this.pending[step] = 0
      this.queue.cancel(step)
    }
  }

  private draw(step: number): number {
    const span = this.spans[step] ?? 0
    const shortest = this.shortest[step] ?? 0
    if (span === 1) return shortest
    if (span !== 0) return shortest + this.random.below(span, this.limits[step] ?? 0)
    return this.random.between(shortest, this.model.steps[step]?.latency[1] ?? shortest)
  }

  /** Which of the pending steps, in program order, this one is. */
  choiceOf(step: number, pending: Uint8Array): number {
    let n = 0
    for (const other of this.order) {
      if (other === step) return n
      if (pending[other] !== 0) n++
    }
    assert(false, 'the step is one of the model')
  }
}

const engines = new WeakMap<Model, TimedEngine>()

export function timedRun(program: Program, seed: number, maxSteps = MAX_STEPS): TimedPath {
  const { model, layout } = program
  const engine = engines.get(model) ?? new TimedEngine(model)
  engines.set(model, engine)
  const packed = (): Uint32Array => {
    const state = new Uint32Array(layout.words)
    pack(model, layout, engine.values, state)
    return state
  }
  engine.start(seed)
  const path = { steps: [] as number[], times: [] as number[], choices: [] as number[], radices: [] as number[] }
  const states: Uint32Array[] = [program.initial.slice()]
  while (path.steps.length < maxSteps && !engine.outOfRange) {
    const radix = engine.enabled
    const before = engine.pending.slice()
    const step = engine.next()
    if (step < 0) break
    path.steps.push(step)
    path.times.push(engine.now)
    path.choices.push(engine.choiceOf(step, before))
    path.radices.push(radix)
    states.push(packed())
  }
  return { ...path, states, outOfRange: engine.outOfRange, cut: path.steps.length >= maxSteps }
}
