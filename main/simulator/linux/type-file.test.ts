import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../platform/schema'
import { planPlatform } from './plan'
import { policyFor } from './policies/proposals'
import { typeWords, writeType, type TypeWriteOptions } from './type-file'

const load = (id: string) =>
  Platform.parse(parse(readFileSync(join(import.meta.dirname, `../../../resources/platforms/${id}.yaml`), 'utf8')))
const machine = load('spr-dsa')
const pamu = load('p4080-pamu')

/** A write to the first group that is one function and no bridge, where there is one. */
function write(kernel: string, word: string, options: Partial<TypeWriteOptions> = {}, platform = machine) {
  const policy = policyFor(kernel)
  if (!policy) throw new Error(kernel)
  const plan = planPlatform(platform, policy, 'intel_iommu=on')
  const group = plan.groups.find((g) => g.members.length === 1 && g.members[0]?.fn.headerType === 0) ?? plan.groups[0]
  if (!group) throw new Error('group')
  const r = writeType(plan, group, word, { unbound: true, ...options })
  return r.errno ?? r.after
}

describe('the type file of a group', () => {
  it('does not exist, then cannot be written, then changes groups', () => {
    expect(['4.18', '4.19', '5.4', '5.10', '5.11', '6.1', '6.12'].map((v) => write(v, 'identity'))).toEqual([
      'ENOENT',
      'EACCES',
      'EACCES',
      'EACCES',
      'identity',
      'identity',
      'identity',
    ])
  })

  it('knows the word DMA-FQ from 5.15 on; before, a lazy group reads DMA', () => {
    expect(['5.14', '5.15', '6.12'].map((v) => write(v, 'DMA-FQ'))).toEqual(['EINVAL', 'DMA-FQ', 'DMA-FQ'])
    expect(['5.14', '5.15', '6.12'].map((v) => write(v, 'auto', { from: 'identity' }))).toEqual([
      'DMA',
      'DMA-FQ',
      'DMA-FQ',
    ])
  })

  it('takes one newline at the end, and no other spelling', () => {
    expect(write('6.12', 'identity\n')).toBe('identity')
    for (const word of ['identity\n\n', ' identity', 'IDENTITY', 'dma', 'blocked', 'unknown', ''])
      expect([word, write('6.12', word)]).toEqual([word, 'EINVAL'])
  })

  it('of a group that user space owns only goes live from DMA to DMA-FQ, from 6.4 on', () => {
    for (const word of ['identity', 'DMA', 'auto'])
      expect(['6.1', '6.4', '6.12'].map((v) => write(v, word, { owned: true }))).toEqual(['EBUSY', 'EPERM', 'EPERM'])
    expect(['6.1', '6.4', '6.12'].map((v) => write(v, 'DMA-FQ', { owned: true, from: 'DMA' }))).toEqual([
      'EBUSY',
      'DMA-FQ',
      'DMA-FQ',
    ])
  })

  it('answers the unprivileged before it reads the word', () => {
    expect(write('6.12', 'nonsense', { unprivileged: true })).toBe('EACCES')
  })

  it('of a PAMU group says unknown: there is no default domain, later one that cannot be changed', () => {
    expect(['6.1', '6.12'].map((v) => write(v, 'identity', {}, pamu))).toEqual(['EINVAL', 'EINVAL'])
    expect(['6.1', '6.12'].map((v) => write(v, 'auto', {}, pamu))).toEqual(['EINVAL', 'unknown'])
  })

  it('never changes the type when it refuses, and says what was written when it does not', () => {
    const policy = policyFor('6.12')
    if (!policy) throw new Error('policy')
    const words = [...typeWords(policy), 'auto', 'blocked']
    const options = fc.record({
      from: fc.constantFrom(...typeWords(policy)),
      unbound: fc.boolean(),
      owned: fc.boolean(),
      unprivileged: fc.boolean(),
    })
    const plans = ['4.9', '5.4', '5.14', '6.1', '6.12']
      .flatMap((v) => policyFor(v) ?? [])
      .map((p) => planPlatform(machine, p))
    fc.assert(
      fc.property(fc.constantFrom(...plans), fc.nat(), fc.constantFrom(...words), options, (plan, pick, word, o) => {
        const group = plan.groups[pick % plan.groups.length]
        if (!group) throw new Error('group')
        const r = writeType(plan, group, word, o)
        expect(r.after).toBe(!r.ok ? o.from : word === 'auto' ? group.type.type : word)
        expect(r.errno === undefined).toBe(r.ok)
      }),
    )
  })
})
