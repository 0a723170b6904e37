/** A compiled scenario as the window shows it: agents, steps, edges, variables, registers, properties. */
import type { Edge } from '../flows/edges'
import type { FieldSpec, RegisterTable, Source } from '../hardware/registers'
import type { Program } from '../model/compile'
import { cardinality, inWords, valueAt, type Model } from '../model/model'
import { displayed } from '../trace/describe'
import type { CompiledScenario } from './compile'
import { guardOf } from './poke'

export interface ViewField extends FieldSpec {
  /** Why no write changes it. */
  readonly guard?: string
  readonly source: { variable: number; encode: number[] } | { constant: number }
}

export function scenarioView(c: CompiledScenario, program: Program) {
  const { model, scenario, placement } = c
  return {
    title: scenario.title,
    summary: scenario.summary.trim(),
    thread: scenario.thread,
    covers: scenario.covers,
    source: scenario.source.trim(),
    ...(scenario.sibling ? { sibling: scenario.sibling } : {}),
    platform: placement.platform,
    devices: placement.devices.map(({ id, block, under, route }) => {
      const { kind = '', check = null } = c.devices.find((x) => x.id === id) ?? {}
      return { id, kind, block, under, check, route: [...route.hops] }
    }),
    agents: model.agents.map(({ id, title, role }) => ({ id, title, role })),
    steps: model.steps.map((s) => ({
      id: s.id,
      agent: model.agents[s.agent]?.id ?? '',
      op: s.op,
      label: s.label,
      cite: s.cite,
      trap: s.trap ?? false,
      ...(s.at ? { line: s.at.line, column: s.at.column } : {}),
      ...(s.posted ? { posted: s.posted } : {}),
    })),
    edges: c.edges.map((e: Edge) => ({ ...e })),
    variables: model.variables.map((v) => variableView(model, v)),
    registers: c.tables.map((t) => tableView(t)),
    scale: { ...scenario.scale },
    properties: model.properties.map((p) => ({
      name: p.name,
      kind: p.kind,
      text: p.text,
      title: p.title,
      ...(p.expected ? { expected: p.expected } : {}),
      ...(p.at ? { line: p.at.line } : {}),
    })),
    initial: displayed(
      program,
      model.variables.map((v) => v.initial),
    ),
    bitsPerState: program.layout.bits,
    digest: c.digest,
  }
}

function variableView(model: Model, v: Model['variables'][number]) {
  const n = cardinality(v.domain)
  const numeric = v.domain.k === 'range'
  return {
    name: v.name,
    labels: numeric && !v.labels ? null : Array.from({ length: n }, (_, i) => inWords(model, v, valueAt(v.domain, i))),
    lo: v.domain.k === 'range' ? v.domain.lo : 0,
    hi: v.domain.k === 'range' ? v.domain.hi : n - 1,
    register: v.register,
    field: v.field,
    control: v.control,
  }
}

function tableView(t: RegisterTable) {
  return {
    id: t.id,
    block: t.block,
    title: t.title,
    where: t.where,
    cite: t.cite,
    rows: t.rows.map((r) => ({
      id: r.id,
      label: r.label,
      registers: r.registers.map((g) => ({
        name: g.spec.name,
        offset: g.spec.offset,
        width: g.spec.width,
        fields: g.spec.fields.map((f): ViewField => {
          const guard = guardOf(t, g.spec.name, f, g.sources[f.name])
          return { ...f, source: sourceView(g.sources[f.name]), ...(guard === null ? {} : { guard }) }
        }),
      })),
    })),
  }
}

const sourceView = (s: Source | undefined): ViewField['source'] =>
  s === undefined
    ? { constant: 0 }
    : 'constant' in s
      ? { constant: s.constant }
      : { variable: s.variable, encode: [...s.encode] }
