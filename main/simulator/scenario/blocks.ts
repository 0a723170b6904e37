/** The blocks of a scenario: each instance against the declaration of its kind, its ports tied to one another. */
import { fault, nearest, type Fault } from '../faults'
import type { InstanceSetup, ParameterValue } from '../flows/board/instance'
import { BLOCKS } from '../flows/blocks'
import type { BlockSpec, ParameterSpec } from '../hardware/block'
import { routed } from '../hardware/messages'
import type { Environment } from '../hardware/template'
import type { ScenarioDocument, Path } from './document'
import type { OwnKind } from './kinds'
import type { Placement } from './platforms'
import { filled, type Extent } from './scale'
import type { Scenario } from './schema'

const NOT_PARAMETERS = new Set(['kind', 'ports', 'once'])

export interface ReadBlocks {
  readonly instances: readonly InstanceSetup[]
  readonly faults: readonly Fault[]
}

interface Known {
  /** Section of `blocks`. */
  readonly section: string
  /** Of the copy of the board that it belongs to. */
  readonly prefix: string
  readonly spec: BlockSpec
}

export function readBlocks(
  d: ScenarioDocument,
  scenario: Scenario,
  own: readonly OwnKind[],
  placement: Placement,
  extent: Extent,
): ReadBlocks {
  const faults: Fault[] = []
  const kinds = kindsOf(own, faults)
  const known = Object.entries(scenario.blocks).flatMap(([section, { kind, once }]): Known[] => {
    const spec = kinds.get(kind)
    if (spec) return (once ? [''] : extent.prefixes).map((prefix) => ({ section, prefix, spec }))
    const near = nearest(kind, kinds.keys())
    faults.push(
      fault('BLOCK_UNKNOWN', `there is no block of kind ${kind}`, {
        ...d.at(['blocks', section, 'kind']),
        hint: near ? `did you mean ${near}?` : `kinds: ${[...kinds.keys()].join(', ')}`,
      }),
    )
    return []
  })
  const instances = known.map((k): InstanceSetup => {
    // What is wrong with a section is said once, not for each copy.
    const said = k.prefix === '' || k.prefix === extent.prefixes[0] ? faults : []
    return {
      name: k.prefix + k.section,
      spec: k.spec,
      parameters: readParameters(d, scenario, k, placement, extent.env, said),
      ports: readPorts(d, scenario, k, known, said),
    }
  })
  return { instances, faults }
}

/** Every kind by its name: built in, and the scenario's own. */
export function kindsOf(own: readonly OwnKind[], faults: Fault[]): Map<string, BlockSpec> {
  const kinds = new Map(BLOCKS)
  for (const { spec, file, document, base } of own)
    if (kinds.has(spec.block))
      faults.push(
        fault('SCENARIO_DUPLICATE_NAME', `there is a block ${spec.block} already`, {
          ...document.at([...base, 'block']),
          ...(file === null ? {} : { file }),
          hint: 'choose another name for yours',
        }),
      )
    else kinds.set(spec.block, spec)
  return kinds
}

function readParameters(
  d: ScenarioDocument,
  scenario: Scenario,
  { section: name, spec }: Known,
  placement: Placement,
  env: Environment,
  faults: Fault[],
): Map<string, ParameterValue> {
  const section: Readonly<Record<string, unknown>> = scenario.blocks[name] ?? {}
  for (const key of Object.keys(section)) {
    if (NOT_PARAMETERS.has(key) || Object.hasOwn(spec.parameters, key)) continue
    const near = nearest(key, [...Object.keys(spec.parameters), ...NOT_PARAMETERS])
    faults.push(
      fault('SCENARIO_UNKNOWN_KEY', `a block of kind ${spec.block} has no parameter ${key}`, {
        ...d.keyAt(['blocks', name, key]),
        hint: near ? `did you mean ${near}?` : `parameters: ${Object.keys(spec.parameters).join(', ') || 'none'}`,
      }),
    )
  }
  const arch = placement.platform?.arch
  const device = placement.devices.find((x) => x.block === name && x.under !== null)
  const out = new Map<string, ParameterValue>()
  for (const [key, p] of Object.entries(spec.parameters)) {
    const byArch = 'by_arch' in p && p.by_arch && arch && arch !== 'unknown' ? p.by_arch[arch] : undefined
    const given = filled(section[key], env)
    const r = given.ok ? readParameter(p, given.value ?? byArch) : given.error.message
    if (typeof r === 'string')
      faults.push(fault('BLOCK_PARAMETER', `${name}.${key}: ${r}`, d.at(['blocks', name, key])))
    // A message in the device's store is in the format of the controller that the platform wires it to.
    else if (r.k === 'names' && 'names' in p && p.message && section[key] === undefined && device)
      out.set(key, { k: 'names', names: routed(p.message, r.names, device.route) })
    else out.set(key, r)
  }
  return out
}

/** The value, or what is wrong with it. */
function readParameter(p: ParameterSpec, given: unknown): ParameterValue | string {
  if ('names' in p) {
    const names = given ?? p.names
    if (typeof names !== 'object' || names === null || Array.isArray(names))
      return 'names with their numbers are needed'
    const pairs: [string, bigint][] = []
    for (const [n, code] of Object.entries(names)) {
      const text = String(code)
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(n) || !/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text))
        return `${n}: ${text} is not a name with a number`
      pairs.push([n, BigInt(text)])
    }
    return pairs.length > 0 ? { k: 'names', names: pairs } : 'at least one name is needed'
  }
  const value = given ?? p.default
  if ('values' in p)
    return typeof value === 'string' && p.values.includes(value)
      ? { k: 'name', value }
      : `${JSON.stringify(value)} is none of ${p.values.join(', ')}`
  if (typeof p.default === 'boolean')
    return typeof value === 'boolean' ? { k: 'bool', value } : 'true or false is needed'
  const { min, max } = p
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
    ? { k: 'int', value }
    : `an integer from ${min} to ${max} is needed`
}

/**
 * A port is tied to the one block of a kind that fits, unless the scenario says which; in a copy of the board, to the
 * one of the same copy, or to what all copies share.
 */
function readPorts(
  d: ScenarioDocument,
  scenario: Scenario,
  { section: name, prefix, spec }: Known,
  known: readonly Known[],
  faults: Fault[],
): Map<string, string> {
  const given = scenario.blocks[name]?.ports ?? {}
  const path = (port: string): Path => ['blocks', name, 'ports', port]
  for (const port of Object.keys(given))
    if (!Object.hasOwn(spec.ports, port))
      faults.push(fault('BLOCK_PORT', `a block of kind ${spec.block} has no port ${port}`, d.keyAt(path(port))))
  const out = new Map<string, string>()
  const near = known.filter((k) => k.prefix === prefix || k.prefix === '')
  for (const [port, wanted] of Object.entries(spec.ports)) {
    const kinds = typeof wanted === 'string' ? [wanted] : wanted
    const fits = near.filter((k) => k.section !== name && kinds.includes(k.spec.block))
    const chosen = given[port] ?? (fits.length === 1 ? fits[0]?.section : undefined)
    const tied = fits.find((k) => k.section === chosen)
    if (tied) out.set(port, tied.prefix + tied.section)
    else {
      const names = fits.map((k) => k.section)
      faults.push(
        fault('BLOCK_PORT', portProblem(name, port, kinds, names, chosen), {
          ...d.at(given[port] === undefined ? ['blocks', name] : path(port)),
          hint:
            names.length > 0
              ? `write "ports: { ${port}: ${names[0]} }"`
              : `add a block of kind ${kinds.join(' or ')} to "blocks"`,
        }),
      )
    }
  }
  return out
}

function portProblem(
  name: string,
  port: string,
  kinds: readonly string[],
  fits: readonly string[],
  chosen: string | undefined,
): string {
  if (chosen !== undefined)
    return `${name}.${port} cannot be tied to ${chosen}: a block of kind ${kinds.join(' or ')} is needed`
  return fits.length === 0
    ? `${name} needs a block of kind ${kinds.join(' or ')} at its port ${port}`
    : `${name}.${port} could be tied to ${fits.join(' or ')}`
}
