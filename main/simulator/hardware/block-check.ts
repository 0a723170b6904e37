/**
 * What the shape of a block does not say yet: fields inside their register and apart from each other, names that
 * exist and are given once, cases that can be reached, operations that do not call themselves. Everything that needs
 * the values of parameters is found when the block is put on a board (flows/board).
 */
import { nearest, type FaultCode } from '../faults'
import { bitsOf, variableOf, type BlockRegister, type BlockSpec, type BlockStep } from './block'
import { mistake, type Mistake, type MistakeDetails, type Place } from './mistake'

type Refuse = (code: FaultCode, message: string, path: Place, details?: MistakeDetails) => void

export function checkBlock(spec: BlockSpec): Mistake[] {
  const out: Mistake[] = []
  const refuse: Refuse = (code, message, path, details) => out.push(mistake(spec.block, code, message, path, details))
  checkIndices(spec, refuse)
  const names = new Map<string, string>()
  spec.registers.forEach((r, i) => {
    const path = ['registers', i]
    if (names.has(r.name))
      refuse('SCENARIO_DUPLICATE_NAME', `there are two registers ${r.name}`, [...path, 'name'], {
        hint: 'give one of them another name, or "per" an index',
      })
    names.set(r.name, 'a register')
    checkPer(spec, r.per, [...path, 'per'], refuse)
    checkStride(r, path, refuse)
    checkFields(spec, r, path, refuse)
  })
  for (const section of ['state', 'define', 'channels'] as const)
    for (const name of Object.keys(spec[section])) {
      const other = names.get(name)
      if (other)
        refuse('SCENARIO_DUPLICATE_NAME', `${name} is ${other} already`, [section, name], {
          key: true,
          hint: 'choose another name',
        })
      names.set(name, `a name of ${section}`)
    }
  checkState(spec, refuse)
  for (const [name, d] of Object.entries(spec.define))
    if (typeof d !== 'string') checkPer(spec, d.per, ['define', name, 'per'], refuse)
  for (const [name, o] of Object.entries(spec.operations)) {
    checkOperands(spec, name, refuse)
    checkSteps(spec, o.steps, ['operations', name, 'steps'], refuse)
  }
  const agents = new Set<string>()
  spec.behaviour.forEach((b, i) => {
    const path = ['behaviour', i]
    if (agents.has(b.agent))
      refuse('SCENARIO_DUPLICATE_NAME', `there are two agents ${b.agent}`, [...path, 'agent'], {
        hint: 'a step of one of them may have several cases with "any: true"',
      })
    agents.add(b.agent)
    checkPer(spec, b.per, [...path, 'per'], refuse)
    checkSteps(spec, b.steps, [...path, 'steps'], refuse)
  })
  checkCalls(spec, refuse)
  return out
}

function checkIndices(spec: BlockSpec, refuse: Refuse): void {
  for (const [name, bound] of Object.entries(spec.indices)) {
    const bounds = Array.isArray(bound) ? bound : [bound]
    bounds.forEach((b, i) => {
      if (typeof b !== 'string') return
      const p = spec.parameters[b]
      const counts = p && ('names' in p ? bounds.length === 1 : typeof p.default === 'number')
      if (counts) return
      const near = nearest(b, Object.keys(spec.parameters))
      refuse(
        'BLOCK_NAME',
        p ? `${b} is no integer parameter` : `there is no parameter ${b}`,
        ['indices', name, ...(Array.isArray(bound) ? [i] : [])],
        { hint: near && near !== b ? `did you mean ${near}?` : 'an index counts to a number or an integer parameter' },
      )
    })
  }
}

function checkPer(spec: BlockSpec, per: readonly string[], path: Place, refuse: Refuse): void {
  per.forEach((index, i) => {
    if (Object.hasOwn(spec.indices, index)) return
    const near = nearest(index, Object.keys(spec.indices))
    refuse('BLOCK_NAME', `there is no index ${index}`, [...path, i], {
      hint: near ? `did you mean ${near}?` : `indices: ${Object.keys(spec.indices).join(', ') || 'none'}`,
    })
  })
}

function checkNames(spec: BlockSpec, parameter: string | undefined, path: Place, refuse: Refuse): void {
  if (parameter === undefined) return
  const p = spec.parameters[parameter]
  if (p && 'names' in p) return
  const with_ = Object.entries(spec.parameters).flatMap(([n, q]) => ('names' in q ? [n] : []))
  const near = nearest(parameter, with_)
  refuse('BLOCK_NAME', `${parameter} is no parameter with names`, path, {
    hint: near ? `did you mean ${near}?` : `parameters with names: ${with_.join(', ') || 'none'}`,
  })
}

function checkStride(r: BlockRegister, path: Place, refuse: Refuse): void {
  if (r.stride === undefined) return
  const strides = Array.isArray(r.stride) ? r.stride : [r.stride]
  if (strides.length !== r.per.length)
    refuse('BLOCK_SHAPE', `${r.name} has ${r.per.length} indices and ${strides.length} strides`, [...path, 'stride'], {
      hint: 'one stride for each index of "per"',
    })
  else if (strides.some((s) => BigInt(s) * 8n < BigInt(r.width)))
    refuse('BLOCK_SHAPE', `the ${r.width} bits of ${r.name} do not fit between one row and the next`, [
      ...path,
      'stride',
    ])
}

function checkFields(spec: BlockSpec, r: BlockRegister, path: Place, refuse: Refuse): void {
  const taken: { readonly name: string; readonly msb: number; readonly lsb: number }[] = []
  const variables = new Map<string, string>()
  r.fields.forEach((f, i) => {
    const at = [...path, 'fields', i]
    const [msb, lsb] = bitsOf(f)
    if (msb < lsb)
      refuse('BLOCK_SHAPE', `${r.name}.${f.name}: bits are written msb:lsb`, [...at, 'bits'], {
        hint: `write "${lsb}:${msb}"`,
      })
    else if (msb >= r.width)
      refuse(
        'BLOCK_SHAPE',
        `${r.name}.${f.name}: bit ${msb} lies outside the ${r.width} bits of ${r.name}`,
        [...at, 'bits'],
        {
          hint: `give ${r.name} "width: ${Math.ceil((msb + 1) / 32) * 32}", or move the field`,
        },
      )
    const other = taken.find((t) => t.msb >= lsb && t.lsb <= msb)
    if (other)
      refuse(
        'BLOCK_SHAPE',
        `${r.name}.${f.name} (${msb}:${lsb}) overlaps ${other.name} (${other.msb}:${other.lsb})`,
        [...at, 'bits'],
        {
          hint: 'a bit belongs to one field',
        },
      )
    taken.push({ name: f.name, msb, lsb })
    checkNames(spec, f.names, [...at, 'names'], refuse)
    for (const [key, code] of [
      ...Object.entries(f.values ?? {}),
      ...(f.fixed === undefined || !/^\d/.test(String(f.fixed)) ? [] : [['', f.fixed] as const]),
    ])
      if (msb >= lsb && BigInt(code) >> BigInt(msb - lsb + 1) !== 0n)
        refuse('BLOCK_SHAPE', `${r.name}.${f.name}: ${code} does not fit into ${msb - lsb + 1} bits`, [
          ...at,
          ...(key === '' ? ['fixed'] : ['values', key]),
        ])
    if (f.access === 'RSVD') return
    const variable = variableOf(f)
    const same = variables.get(variable)
    if (same !== undefined)
      refuse('SCENARIO_DUPLICATE_NAME', `${r.name} has two fields that are called ${variable}`, [...at, 'name'], {
        hint: 'give one of them a name of its own by "as"',
      })
    variables.set(variable, f.name)
  })
}

function checkState(spec: BlockSpec, refuse: Refuse): void {
  for (const [name, s] of Object.entries(spec.state)) {
    if (typeof s === 'boolean') continue
    checkPer(spec, s.per, ['state', name, 'per'], refuse)
    checkNames(spec, s.names, ['state', name, 'names'], refuse)
    const kinds = (['range', 'values', 'names'] as const).filter((k) => s[k] !== undefined)
    if (kinds.length > 1)
      refuse('BLOCK_SHAPE', `${name} has both ${kinds.join(' and ')}`, ['state', name, kinds[1] ?? ''], {
        key: true,
        hint: 'it holds a range of integers, or names',
      })
    s.range?.forEach((b, i) => {
      if (typeof b === 'string' && typeof at(spec.parameters, b)?.['default'] !== 'number')
        refuse('BLOCK_NAME', `${b} is no integer parameter`, ['state', name, 'range', i])
    })
    if (s.range && typeof s.range[0] === 'number' && typeof s.range[1] === 'number' && s.range[0] > s.range[1])
      refuse('BLOCK_SHAPE', `${name}: the range is empty`, ['state', name, 'range'], {
        hint: 'write [least, greatest]',
      })
  }
}

const at = (all: Readonly<Record<string, unknown>>, name: string): Readonly<Record<string, unknown>> | undefined =>
  Object.hasOwn(all, name) ? (all[name] as Readonly<Record<string, unknown>>) : undefined

function checkOperands(spec: BlockSpec, name: string, refuse: Refuse): void {
  for (const [o, operand] of Object.entries(spec.operations[name]?.operands ?? {})) {
    const path = ['operations', name, 'operands', o]
    if ('index' in operand)
      checkPer(spec, [operand.index], [...path, 'index'], (c, m, _p, d) => refuse(c, m, [...path, 'index'], d))
    if ('names' in operand) checkNames(spec, operand.names, [...path, 'names'], refuse)
    if (Object.hasOwn(spec.indices, o) || Object.hasOwn(spec.parameters, o))
      refuse(
        'SCENARIO_DUPLICATE_NAME',
        `the operand ${o} of ${name} hides ${Object.hasOwn(spec.indices, o) ? 'an index' : 'a parameter'}`,
        path,
        {
          key: true,
          hint: 'choose another name',
        },
      )
  }
}

function checkSteps(spec: BlockSpec, steps: readonly BlockStep[], path: Place, refuse: Refuse): void {
  const named = new Set<string>()
  steps.forEach((s, i) => {
    const here = [...path, i]
    if ('call' in s) return
    if (s.step !== undefined) {
      if (named.has(s.step)) refuse('SCENARIO_DUPLICATE_NAME', `two steps are called ${s.step}`, [...here, 'step'])
      named.add(s.step)
    }
    if (s.posted !== undefined && !s.posted.includes('.') && !Object.hasOwn(spec.channels, s.posted)) {
      const near = nearest(s.posted, Object.keys(spec.channels))
      refuse('BLOCK_NAME', `there is no channel ${s.posted}`, [...here, 'posted'], {
        hint: near ? `did you mean ${near}?` : `write "channels: { ${s.posted}: { capacity: 4 } }"`,
      })
    }
    if (s.now && s.posted === undefined)
      refuse('BLOCK_SHAPE', '"now" has a meaning only beside "posted"', [...here, 'now'], {
        key: true,
        hint: 'write "set"',
      })
    const beside = (['set', 'now', 'fault', 'errno'] as const).find((k) => s[k] !== undefined)
    if (s.cases && beside)
      refuse('BLOCK_SHAPE', `"${beside}" beside "cases" has no effect`, [...here, beside], {
        key: true,
        hint: 'write it into the cases',
      })
    checkFault(spec, s.fault, [...here, 'fault'], refuse)
    const open = s.any ? -1 : (s.cases ?? []).findIndex((c) => c.if === undefined)
    s.cases?.forEach((c, n) => {
      const at = [...here, 'cases', n]
      checkFault(spec, c.fault, [...at, 'fault'], refuse)
      checkPer(spec, c.per ?? [], [...at, 'per'], refuse)
      if (open >= 0 && n > open)
        refuse(
          'BLOCK_SHAPE',
          `this case is never reached: case ${open + 1} has no "if" and is always taken first`,
          at,
          {
            hint: 'put the case without "if" last, or write "any: true" where each is possible',
          },
        )
    })
  })
}

function checkFault(spec: BlockSpec, code: string | undefined, path: Place, refuse: Refuse): void {
  if (code === undefined || Object.hasOwn(spec.faults, code)) return
  const near = nearest(code, Object.keys(spec.faults))
  refuse('BLOCK_NAME', `${code} is none of its faults`, path, {
    hint: near ? `did you mean ${near}?` : `faults: ${Object.keys(spec.faults).join(', ') || 'none'}`,
  })
}

/** Own operations that lead back to themselves, and calls of own operations that do not exist. */
function checkCalls(spec: BlockSpec, refuse: Refuse): void {
  const state = new Map<string, 'open' | 'done'>()
  const visit = (name: string): void => {
    state.set(name, 'open')
    spec.operations[name]?.steps.forEach((s, i) => {
      if (!('call' in s) || s.call.includes('.')) return
      const path = ['operations', name, 'steps', i, 'call']
      if (!Object.hasOwn(spec.operations, s.call)) {
        const near = nearest(s.call, Object.keys(spec.operations))
        refuse(
          'BLOCK_NAME',
          `${name} calls ${s.call}, which there is not`,
          path,
          near ? { hint: `did you mean ${near}?` } : {},
        )
      } else if (state.get(s.call) === 'open')
        refuse('BLOCK_CYCLE', `${name} calls ${s.call}, which leads back to it`, path, {
          hint: 'operations are written out where they are called: write a loop as "behaviour", or "repeat" in a program',
        })
      else if (!state.has(s.call)) visit(s.call)
    })
    state.set(name, 'done')
  }
  for (const name of Object.keys(spec.operations)) if (!state.has(name)) visit(name)
}
