/** The variables of one block on a board: fields of its registers, its further state, its last fault. */
import { nearest } from '../../faults'
import { bitsOf, variableOf, type BlockField, type BlockRegister, type StateSpec } from '../../hardware/block'
import type { Place } from '../../hardware/mistake'
import type { Environment } from '../../hardware/template'
import type { Domain } from '../../model/model'
import type { Instance } from './instance'
import { brackets, suffix } from './suffix'

/** A field with the variable that holds it, for tables and for writes of the whole register. */
export interface BoundField {
  readonly field: BlockField
  readonly variable: number
  /** Code of each value in the order of the domain; empty: the value itself. */
  readonly codes: readonly bigint[]
}

export interface BoundRow {
  readonly register: BlockRegister
  /** `pamu.SPAACE1`. */
  readonly name: string
  /** Values of its indices. */
  readonly at: readonly string[]
  readonly fields: readonly BoundField[]
  /** Codes of the fields that never change. */
  readonly fixed: ReadonlyMap<BlockField, bigint>
}

export function declareVariables(i: Instance): BoundRow[] {
  const { spec, name } = i.setup
  const rows = spec.registers.flatMap((register, n) => declareRegister(i, register, ['registers', n]))
  for (const [state, s] of Object.entries(spec.state)) declareState(i, state, s)
  const faults = Object.keys(spec.faults)
  if (faults.length > 0 && i.fresh(`${name}.fault`, ['faults']))
    i.b.variable(`${name}.fault`, i.b.enumeration(['none', ...faults]), i.b.name('none'), {
      register: name,
      field: 'last fault',
    })
  return rows
}

function declareRegister(i: Instance, r: BlockRegister, path: Place): BoundRow[] {
  return i.environments(r.per, [...path, 'per']).map((env): BoundRow => {
    const at = r.per.map((index) => env.values.get(index) ?? '')
    const name = `${i.setup.name}.${r.name}${suffix(r.per, env)}`
    const fixed = new Map<BlockField, bigint>()
    const fields = r.fields.flatMap((f, n): BoundField[] => {
      const here = [...path, 'fields', n]
      if (f.fixed !== undefined) fixed.set(f, fixedCode(i, f, env, here))
      if (f.access === 'RSVD' || f.fixed !== undefined) return []
      const made = declareField(i, name, r, env, f, here)
      return made ? [made] : []
    })
    return { register: r, name, at, fields, fixed }
  })
}

/** The names that a field can hold, with their codes. */
function namesOf(i: Instance, f: BlockField, path: Place): readonly (readonly [string, bigint])[] | undefined {
  if (f.names) return i.namesOf(f.names, [...path, 'names'])
  return f.values && Object.entries(f.values).map(([n, code]) => [n, BigInt(code)] as const)
}

const isNumber = (text: string): boolean => /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text)

function fixedCode(i: Instance, f: BlockField, env: Environment, path: Place): bigint {
  const text = i.fill(String(f.fixed), env, f.name, [...path, 'fixed']) ?? '0'
  if (isNumber(text)) return BigInt(text)
  const names = namesOf(i, f, path) ?? []
  const found = names.find(([n]) => n === text)
  if (found) return found[1]
  const near = nearest(
    text,
    names.map(([n]) => n),
  )
  i.refuse('BLOCK_NAME', `${f.name} cannot be fixed at ${text}`, [...path, 'fixed'], {
    hint: near === undefined ? 'a number, or one of the names that it can hold' : `did you mean ${near}?`,
  })
  return 0n
}

function declareField(
  i: Instance,
  row: string,
  r: BlockRegister,
  env: Environment,
  f: BlockField,
  path: Place,
): BoundField | undefined {
  const named = namesOf(i, f, path)
  const [msb, lsb] = bitsOf(f)
  const width = msb - lsb + 1
  const domain: Domain | undefined = named
    ? i.b.enumeration(named.map(([n]) => n))
    : width === 1
      ? { k: 'bool' }
      : width <= 31
        ? { k: 'range', lo: 0, hi: 2 ** width - 1 }
        : undefined
  const name = `${row}.${variableOf(f)}`
  if (!domain) {
    i.refuse('BLOCK_SHAPE', `${name} is ${width} bits wide: it needs "values" or "names"`, path, {
      hint: 'write the few values that matter: values: { none: 0, message: "0xfee00038" }; or "fixed"',
    })
    return undefined
  }
  const wide = named?.find(([, code]) => code >> BigInt(width) !== 0n)
  if (wide) {
    i.refuse('BLOCK_SHAPE', `${name}: ${wide[0]} (0x${wide[1].toString(16)}) does not fit into ${width} bits`, path)
    return undefined
  }
  if (!i.fresh(name, path)) return undefined
  const variable = i.b.variable(name, domain, initialOf(i, domain, f.reset, env, name, [...path, 'reset']), {
    register: `${i.setup.name} ${r.name}${brackets(r.per, env)}`,
    field: f.name,
    ...labelsOf(f, named, width),
  })
  return { field: f, variable, codes: named ? named.map(([, code]) => code) : [] }
}

/** `0x00010 (host)`: numbers that a scenario gives names to are shown as they stand in the register. */
function labelsOf(f: BlockField, named: readonly (readonly [string, bigint])[] | undefined, width: number) {
  if (!named) return width === 1 ? { labels: ['0', '1'] } : {}
  if (!f.names) return {}
  const digits = Math.ceil(width / 4)
  return { labels: named.map(([n, code]) => `0x${code.toString(16).padStart(Math.min(digits, 8), '0')} (${n})`) }
}

function declareState(i: Instance, name: string, s: StateSpec): void {
  const spec = typeof s === 'boolean' ? { per: [], initial: s, label: undefined } : s
  const path = ['state', name]
  for (const env of i.environments(spec.per, [...path, 'per'])) {
    const full = `${i.setup.name}.${name}${suffix(spec.per, env)}`
    if (!i.fresh(full, path)) continue
    const domain = typeof s === 'boolean' ? ({ k: 'bool' } as const) : domainOf(i, s, path)
    if (!domain) return
    i.b.variable(full, domain, initialOf(i, domain, spec.initial, env, full, [...path, 'initial']), {
      register: i.setup.name,
      field: `${spec.label ?? name}${brackets(spec.per, env)}`,
    })
  }
}

function domainOf(i: Instance, s: Exclude<StateSpec, boolean>, path: Place): Domain | undefined {
  if (s.range) {
    const at = [...path, 'range']
    const [lo, hi] = [i.integer(s.range[0], at), i.integer(s.range[1], at)]
    if (lo <= hi && hi - lo < 2 ** 31 && Math.abs(lo) < 2 ** 31 && hi < 2 ** 31) return { k: 'range', lo, hi }
    i.refuse('BLOCK_SHAPE', `${path.at(-1) ?? ''} cannot range from ${lo} to ${hi}`, at, {
      hint: 'the least first; 31 bits at most',
    })
    return undefined
  }
  if (s.values) return i.b.enumeration(s.values)
  if (s.names) return i.b.enumeration([...s.and, ...i.namesOf(s.names, [...path, 'names']).map(([n]) => n)])
  return { k: 'bool' }
}

function initialOf(
  i: Instance,
  d: Domain,
  given: string | number | boolean | undefined,
  env: Environment,
  name: string,
  path: Place,
): number {
  const least = d.k === 'range' ? d.lo : d.k === 'enum' ? (d.values[0] ?? 0) : 0
  if (given === undefined) return least
  const text = i.fill(String(given), env, name, path)
  if (text === undefined) return least
  if (d.k === 'bool' && ['true', 'false', '0', '1'].includes(text)) return text === 'true' || text === '1' ? 1 : 0
  if (d.k === 'enum' && i.b.hasName(text) && d.values.includes(i.b.name(text))) return i.b.name(text)
  const number = d.k === 'range' ? Number(text) : Number.NaN
  if (d.k === 'range' && Number.isInteger(number) && number >= d.lo && number <= d.hi) return number
  const near =
    d.k === 'enum'
      ? nearest(
          text,
          i.b.nameList().filter((n) => d.values.includes(i.b.name(n))),
        )
      : undefined
  i.refuse('BLOCK_SHAPE', `${name} cannot begin as ${text}`, path, {
    hint: near ? `did you mean ${near}?` : undefined,
  })
  return least
}
