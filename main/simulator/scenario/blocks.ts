/** The blocks of a scenario: each instance against the declaration of its kind, its ports tied to one another. */
import { fault, nearest, type Fault } from '../faults'
import type { InstanceSetup, ParameterValue } from '../flows/board/instance'
import { BLOCKS } from '../flows/blocks'
import type { BlockSpec, ParameterSpec } from '../hardware/block'
import type { Platform } from '../platform/schema'
import type { ScenarioDocument, Path } from './document'
import type { OwnKind } from './kinds'
import type { Scenario } from './schema'

const NOT_PARAMETERS = new Set(['kind', 'ports'])

export interface ReadBlocks {
  readonly instances: readonly InstanceSetup[]
  readonly faults: readonly Fault[]
}

export function readBlocks(
  d: ScenarioDocument,
  scenario: Scenario,
  own: readonly OwnKind[],
  arch: Platform['arch'] | undefined,
): ReadBlocks {
  const faults: Fault[] = []
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
  const known = Object.entries(scenario.blocks).flatMap(([name, section]): [string, BlockSpec][] => {
    const spec = kinds.get(section.kind)
    if (spec) return [[name, spec]]
    const near = nearest(section.kind, kinds.keys())
    faults.push(
      fault('BLOCK_UNKNOWN', `there is no block of kind ${section.kind}`, {
        ...d.at(['blocks', name, 'kind']),
        hint: near ? `did you mean ${near}?` : `kinds: ${[...kinds.keys()].join(', ')}`,
      }),
    )
    return []
  })
  const instances = known.map(([name, spec]): InstanceSetup => ({
    name,
    spec,
    parameters: readParameters(d, scenario, name, spec, arch, faults),
    ports: readPorts(d, scenario, name, spec, known, faults),
  }))
  return { instances, faults }
}

function readParameters(
  d: ScenarioDocument,
  scenario: Scenario,
  name: string,
  spec: BlockSpec,
  arch: Platform['arch'] | undefined,
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
  const out = new Map<string, ParameterValue>()
  for (const [key, p] of Object.entries(spec.parameters)) {
    const byArch = 'by_arch' in p && p.by_arch && arch && arch !== 'unknown' ? p.by_arch[arch] : undefined
    const r = readParameter(p, section[key] ?? byArch)
    if (typeof r === 'string')
      faults.push(fault('BLOCK_PARAMETER', `${name}.${key}: ${r}`, d.at(['blocks', name, key])))
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

/** A port is tied to the one block of a kind that fits, unless the scenario says which. */
function readPorts(
  d: ScenarioDocument,
  scenario: Scenario,
  name: string,
  spec: BlockSpec,
  known: readonly (readonly [string, BlockSpec])[],
  faults: Fault[],
): Map<string, string> {
  const given = scenario.blocks[name]?.ports ?? {}
  const path = (port: string): Path => ['blocks', name, 'ports', port]
  for (const port of Object.keys(given))
    if (!Object.hasOwn(spec.ports, port))
      faults.push(fault('BLOCK_PORT', `a block of kind ${spec.block} has no port ${port}`, d.keyAt(path(port))))
  const out = new Map<string, string>()
  for (const [port, wanted] of Object.entries(spec.ports)) {
    const kinds = typeof wanted === 'string' ? [wanted] : wanted
    const fits = known.filter(([n, s]) => n !== name && kinds.includes(s.block)).map(([n]) => n)
    const chosen = given[port] ?? (fits.length === 1 ? fits[0] : undefined)
    if (chosen !== undefined && fits.includes(chosen)) out.set(port, chosen)
    else
      faults.push(
        fault('BLOCK_PORT', portProblem(name, port, kinds, fits, chosen), {
          ...d.at(given[port] === undefined ? ['blocks', name] : path(port)),
          hint:
            fits.length > 0
              ? `write "ports: { ${port}: ${fits[0]} }"`
              : `add a block of kind ${kinds.join(' or ')} to "blocks"`,
        }),
      )
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
