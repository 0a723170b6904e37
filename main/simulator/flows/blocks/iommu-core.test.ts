import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { answerOf, domainBlocks as blocks } from '../../../../test/support/answer'
import { planPlatform } from '../../linux/plan'
import { policyFor } from '../../linux/policies/proposals'
import { writeType } from '../../linux/type-file'
import { Platform } from '../../platform/schema'

const SETUP = '{ core.setup_default: { group: 0, domain: dma0 } }'
const BIND = '{ core.bind_driver: { dev: 0, group: 0 } }'
const CLAIM = '{ core.claim_dma_owner: { group: 0 } }'
const USER = '{ core.iommu_attach_group: { group: 0, domain: user } }'

const CORE = ['OK', 'EPERM', 'EINVAL', 'EBUSY', 'ENOMEM', 'EACCES']

/** What a call of the kernel returns after others, while a condition holds in the end. */
const answer = (call: string, before: readonly string[], parameters = '', era = 'v6_12', end = 'true') =>
  answerOf({ blocks: blocks(era, parameters), agent: 'host', before, call, end, errnos: CORE })

describe('a request for another type of default domain', () => {
  const dm = 'core.iommu_request_dm_for_dev: { dev: 0, group: 0 }'
  const dma = 'core.iommu_request_dma_domain_for_dev: { dev: 0, group: 0 }'
  const on = (call: string, parameters: string, before: readonly string[], end?: string) =>
    answer(call, before, parameters, 'v5_3', end)

  it('succeeds at once where the type is right already', () => {
    expect(on(dma, '', [SETUP], 'core.group_domain0 == dma0 && !unit.freed.dma0')).toBe('OK')
    expect(on(dma, ', together: true', [SETUP])).toBe('OK')
  })
  it('swaps the domain of a group of one device, and frees the old one', () => {
    expect(on(dm, '', [SETUP], 'core.group_domain0 == si && unit.entry0 == si && unit.freed.dma0')).toBe('OK')
  })
  it('is refused with EBUSY for a group of two devices', () => {
    expect(on(dm, ', together: true', [SETUP], 'core.group_domain0 == dma0')).toBe('EBUSY')
  })
  it('is refused with EBUSY while the group is in a domain of somebody else', () => {
    expect(on(dm, '', [SETUP, USER], 'core.group_domain0 == user')).toBe('EBUSY')
  })
  it('returns ENOMEM without memory', () => {
    expect(on(dm, ', no_memory: true', [SETUP], 'core.group_domain0 == dma0')).toBe('ENOMEM')
  })
})

describe('claiming a group’s DMA', () => {
  const claim = 'core.claim_dma_owner: { group: 0 }'
  it('moves the group to a domain that blocks', () => {
    expect(answer(claim, [SETUP], '', 'v6_12', 'unit.entry0 == blocked && core.owner_cnt0 == 1')).toBe('OK')
  })
  it('is refused with EPERM while a driver uses it or somebody has claimed it', () => {
    expect(answer(claim, [SETUP, BIND], '', 'v6_12', 'unit.entry0 == dma0')).toBe('EPERM')
    expect(answer(claim, [SETUP, CLAIM])).toBe('EPERM')
  })
  it('is refused with EBUSY while the group is in another domain', () => {
    expect(answer(claim, [SETUP, USER])).toBe('EBUSY')
  })
  it('keeps host drivers out until it is given back', () => {
    const bind = 'core.bind_driver: { dev: 0, group: 0 }'
    expect(answer(bind, [SETUP, CLAIM])).toBe('EBUSY')
    const release = '{ core.release_dma_owner: { group: 0 } }'
    expect(answer(bind, [SETUP, CLAIM, release], '', 'v6_12', 'unit.entry0 == dma0')).toBe('OK')
  })
  it('leaves only the owner’s domain to attach to', () => {
    expect(answer('core.iommu_attach_group: { group: 0, domain: user }', [SETUP, USER])).toBe('EBUSY')
  })
})

describe('the type file of a group of one device', () => {
  const q35 = Platform.parse(
    parse(readFileSync(join(import.meta.dirname, '../../../../resources/platforms/q35-vtd.yaml'), 'utf8')),
  )
  const ENDPOINT = '0000:01:00.0'
  const states = { unbound: [SETUP], bound: [SETUP, BIND], owned: [SETUP, CLAIM] }
  type State = keyof typeof states

  function planned(kernel: string, state: State): string {
    const policy = policyFor(kernel)
    if (!policy) throw new Error(kernel)
    const functions = q35.functions.map((f) => (f.bdf === ENDPOINT ? { ...f, driver: 'e1000e' } : f))
    const plan = planPlatform({ ...q35, functions }, policy, 'intel_iommu=on')
    const group = plan.groups.find((g) => g.members.some((m) => m.fn.bdf === ENDPOINT))
    if (!group) throw new Error('group')
    const r = writeType(plan, group, 'identity', { unbound: state !== 'bound', owned: state === 'owned' })
    return r.errno ?? 'OK'
  }

  it.each(
    (['unbound', 'bound', 'owned'] as const).flatMap(
      (state) =>
        [
          [state, '5.3', 'v5_3'],
          [state, '6.1', 'v6_1'],
          [state, '6.12', 'v6_12'],
        ] as const,
    ),
  )('answers a write as the planner says: %s, %s', (state, kernel, era) => {
    if (era === 'v5_3' && state === 'owned') return // nobody owns DMA before 5.19
    expect(answer('core.store_type: { group: 0, domain: si }', states[state], '', era)).toBe(planned(kernel, state))
  })
  it('changes nothing where the type is the same', () => {
    const end = 'core.group_domain0 == dma0 && !unit.freed.dma0'
    expect(answer('core.store_type: { group: 0, domain: dma0 }', [SETUP], '', 'v6_12', end)).toBe('OK')
  })
})
