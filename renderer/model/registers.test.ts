import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lateCounterexample as trace, lateView as view } from '../testing/late'
import { bitRange, changesAt, decodeField, decodeRegister, decodeTable, hex, stateAt } from './registers'

const stride = view.variables.length
const table = (id: string) => {
  const found = view.registers.find((t) => t.id === id)
  if (!found) throw new Error(id)
  return found
}
const control = (step: number) => decodeTable(table('ims'), view.variables, trace.states, step).rows[1]?.registers[2]

describe('a register at a step', () => {
  it('is made of its fields, each at its bits', () => {
    expect(control(0)?.now.hex).toBe('0x00000001')
    expect(control(8)?.now.hex).toBe('0x00003008')
    expect(control(8)?.now.fields.map((f) => f.text)).toEqual(['0x00003', '0x00', '1', '0', '0', '0'])
  })

  it('says what it was one step before, only where the step changed it', () => {
    expect(control(7)?.before).toBeNull()
    expect(control(8)?.before?.hex).toBe('0x00000001')
    expect(control(9)?.before).toBeNull()
    expect(decodeTable(table('ims'), view.variables, trace.states, 8).changes).toBe(3)
  })

  it('shows the model’s word beside the number, but not for plain bits', () => {
    const fields = control(8)?.now.fields ?? []
    expect(fields.find((f) => f.field.name === 'PASID')?.word).toBe('d')
    expect(fields.find((f) => f.field.name === 'PASID_EN')?.word).toBeUndefined()
  })

  it('does not say the number twice', () => {
    const field = {
      name: 'F',
      msb: 19,
      lsb: 0,
      access: 'RW' as const,
      meaning: '',
      source: { variable: 0, encode: [0, 16] },
    }
    const labels = ['none', '0x00010 (host)']
    const variables = [{ name: 'v', labels, lo: 0, hi: 1, register: '', field: '', control: false }]
    expect(decodeField(field, variables, [1])).toMatchObject({ text: '0x00010', word: 'host' })
    expect(decodeField(field, variables, [0])).toMatchObject({ text: '0x00000', word: 'none' })
  })

  it('is unsigned up to bit 31', () => {
    const register = {
      name: 'R',
      offset: 0,
      width: 32,
      fields: [{ name: 'F', msb: 31, lsb: 0, access: 'RW' as const, meaning: '', source: { constant: 0xfee00000 } }],
    }
    expect(decodeRegister(register, [], []).hex).toBe('0xfee00000')
    expect(decodeRegister(register, [], []).value).toBe(0xfee00000)
  })

  it('is the same word, whichever way it is cut into fields', () => {
    const cuts = fc
      .uniqueArray(fc.integer({ min: 1, max: 31 }), { maxLength: 8 })
      .map((a) => [...a].sort((x, y) => x - y))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 0xffffffff }), cuts, (word, at) => {
        const edges = [0, ...at, 32]
        const fields = edges.slice(0, -1).map((lsb, i) => {
          const msb = (edges[i + 1] ?? 32) - 1
          const width = msb - lsb + 1
          const value = Math.floor(word / 2 ** lsb) % 2 ** width
          return {
            name: `f${i}`,
            msb,
            lsb,
            access: 'RW' as const,
            meaning: '',
            source: { variable: 0, encode: [value] },
          }
        })
        const variables = [{ name: 'v', labels: null, lo: 5, hi: 5, register: '', field: '', control: false }]
        expect(decodeRegister({ name: 'R', offset: 0, width: 32, fields }, variables, [5]).value).toBe(word)
      }),
    )
  })

  it('reads `encode` by the distance from the variable’s least value', () => {
    const field = {
      name: 'F',
      msb: 3,
      lsb: 0,
      access: 'RW' as const,
      meaning: '',
      source: { variable: 0, encode: [7, 9] },
    }
    const variables = [{ name: 'v', labels: ['low', 'high'], lo: -1, hi: 0, register: '', field: '', control: false }]
    expect(decodeField(field, variables, [-1])).toMatchObject({ value: 7, word: 'low' })
    expect(decodeField(field, variables, [0])).toMatchObject({ value: 9, word: 'high' })
  })
})

describe('states of a run', () => {
  it('are clamped to the ones that there are', () => {
    expect([...stateAt(trace.states, stride, -3)]).toEqual([...view.initial])
    expect([...stateAt(trace.states, stride, 99)]).toEqual([...stateAt(trace.states, stride, trace.length)])
  })

  it('differ, from one to the next, in what the event says it changed', () => {
    trace.events.forEach((event, i) => {
      const names = [...changesAt(trace.states, stride, i + 1)]
        .map((v) => view.variables[v])
        .map((v) => `${v?.register}.${v?.field}`)
      expect(names.sort()).toEqual(event.changes.map((c) => `${c.register}.${c.field}`).sort())
    })
    expect(changesAt(trace.states, stride, 0).size).toBe(0)
  })
})

describe('bits and hex', () => {
  it('are written as in a manual', () => {
    expect(bitRange({ msb: 31, lsb: 12 })).toBe('31:12')
    expect(bitRange({ msb: 3, lsb: 3 })).toBe('3')
    expect(hex(0x5, 20)).toBe('0x00005')
    expect(hex(-1, 32)).toBe('0xffffffff')
  })
})
