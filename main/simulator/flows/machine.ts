/**
 * A whole machine: lanes, programs, descriptors, interrupts. Turns a setup into agents and steps of the model.
 */
import { fault, type Fault } from '../faults'
import { any, equal, variable } from '../model/expr'
import type { ModelBuilder } from '../model/builder'
import { criticalEdges } from './critical'
import { Flow, type Lane } from './flow'
import { operationNamed, PROGRAM_AGENTS } from './operations'
import { layInterrupt, layPending } from './operations/device'
import type { Program, Setup } from './setup'

const TITLES: Readonly<Record<string, { title: string; role: Lane['role'] }>> = {
  guest: { title: 'Guest driver', role: 'guest' },
  guest2: { title: 'Guest, second CPU', role: 'guest' },
  vmm: { title: 'VMM', role: 'vmm' },
  host: { title: 'Host driver', role: 'host' },
  irqchip: { title: 'IMS irqchip', role: 'irqchip' },
  link: { title: 'Link (posted writes)', role: 'fabric' },
  device: { title: 'Device', role: 'device' },
}

/** Servers are laid before those who call them. */
const LAYING_ORDER = ['irqchip', 'host', 'vmm', 'guest', 'guest2']

export function layMachine(b: ModelBuilder, setup: Setup, prefix: string): { flow: Flow; fault: Fault | null } {
  const programs = new Map(setup.programs.map((p) => [p.agent, p]))
  const present = PROGRAM_AGENTS.filter((a) => programs.has(a) && a !== 'device')
  const lanes = [...present, 'link', 'device'].map((id): Lane => ({ id, ...laneOf(id, prefix) }))
  const flow = new Flow(b, setup, prefix, (item) => operationNamed(item.op).expand, lanes)
  declareDescriptors(flow, setup.programs)
  for (const agent of LAYING_ORDER) {
    const program = programs.get(agent)
    const bad = program ? flow.lay(program) : null
    if (bad) return { flow, fault: bad }
  }
  for (const v of flow.world.vectors) layPending(flow, v)
  const bad = layDescriptors(flow, programs.get('device'))
  if (bad) return { flow, fault: bad }
  for (const v of flow.world.vectors) layInterrupt(flow, v)
  flow.alsoDoneAt(flow.mmio.empty())
  criticalEdges(flow, programs)
  return { flow, fault: null }
}

function laneOf(id: string, prefix: string): { title: string; role: Lane['role'] } {
  const t = TITLES[id] ?? { title: id, role: 'other' as const }
  return { title: prefix ? `${prefix.slice(0, -1)} ${t.title.toLowerCase()}` : t.title, role: t.role }
}

/** Every descriptor's status is a name that any condition may use, so they are declared before the first program. */
function declareDescriptors(flow: Flow, programs: readonly Program[]): void {
  const states = ['none', 'posted', 'queued', 'accepted', 'refused', 'completed']
  const labels = ['none', 'posted', 'queued', 'accepted', '0x19 invalid interrupt handle', '0x01 success']
  for (const program of programs) {
    for (const item of program.items) {
      if (item.op !== 'submit') continue
      const name = String(item.operands['as'])
      const status = flow.b.variable(`${flow.prefix}${name}.status`, flow.b.enumeration(states), flow.b.name('none'), {
        register: `${flow.prefix}descriptor ${name}`,
        field: 'status',
        labels,
      })
      flow.descriptors.push({
        name,
        agent: program.agent,
        vector: Number(item.operands['vector']),
        pasid: String(item.operands['pasid']),
        status,
        submitStep: '',
        arrivalStep: '',
        checks: [],
        ends: [],
      })
    }
  }
}

function layDescriptors(flow: Flow, program: Program | undefined): Fault | null {
  const handler = program?.handlers.find((h) => h.event === 'descriptor')
  for (const d of flow.descriptors) {
    if (!handler)
      return fault('SCENARIO_MISPLACED_OPERATION', 'work is submitted, but programs.device has no "on: descriptor"', {
        hint: 'add "- on: descriptor" to programs.device',
      })
    const agent = flow.b.agent(`${flow.prefix}device.${d.name}`, `${flow.prefix}Device, ${d.name}`, 'device')
    const seq = flow.sequence(agent, 0)
    seq.require(equal(variable(d.status), flow.b.nameExpr('queued')))
    const first = flow.b.stepNames().length
    const bad = flow.run(handler.items, seq, null, d)
    if (bad) return bad
    const entered = flow.b.stepNames()[first]
    if (entered)
      flow.edges.add({
        before: d.arrivalStep,
        after: entered,
        enforcedBy: 'device',
        why: 'the device works on what has arrived',
        cite: '70 §4.1',
      })
    flow.alsoDoneAt(any([agent.at(seq.location), ...d.ends]))
  }
  return null
}
