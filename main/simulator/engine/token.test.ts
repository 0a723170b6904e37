import { describe, expect, it } from 'vitest'
import { checkToken, choiceToken, MAX_TOKEN, parseToken, propertyToken, seedToken } from './token'

const head = { digest: 'ae13fc3803fc1234', scale: 'devices=2,vectors=3' }

describe('a replay token', () => {
  it('gives back the seed, the scale and the scenario it was made of', () => {
    const t = parseToken(seedToken(head, 0xffffffff))
    expect(t).toMatchObject({ ok: true, value: { k: 'seed', seed: 0xffffffff, scale: 'devices=2,vectors=3' } })
    expect(t.ok && checkToken(t.value, head.digest).ok).toBe(true)
  })

  it('is refused for another scenario', () => {
    const t = parseToken(seedToken(head, 1))
    expect(t.ok && checkToken(t.value, 'ffffffffffff0000')).toMatchObject({
      ok: false,
      error: { code: 'TOKEN_OTHER_SCENARIO' },
    })
  })

  it('names the property instead of the choices where these would not fit into 200 characters', () => {
    const many = { choices: Array<number>(2000).fill(3), radices: Array<number>(2000).fill(4) }
    expect(choiceToken(head, many)).toBeNull()
    const instead = propertyToken(head, 12)
    expect(instead.length).toBeLessThanOrEqual(MAX_TOKEN)
    expect(parseToken(instead)).toMatchObject({ ok: true, value: { k: 'property', property: 12 } })
  })

  it('remembers how the explorer looked, because among equally short runs that decides which one it gives', () => {
    for (const reduce of [false, true])
      for (const symmetry of [false, true]) {
        const how = { reduce, symmetry }
        expect(parseToken(propertyToken(head, 3, how))).toMatchObject({ ok: true, value: { property: 3, ...how } })
      }
  })

  it.each([
    '',
    'db1',
    'db1-ae13fc3803fc-0-x1',
    'db2-ae13fc3803fc-0-s1',
    `db1-ae13fc3803fc-0-c1.${'A'.repeat(300)}`,
    'db1-ae13fc3803fc-0-szzzzzzz',
    'db1-AE13FC3803FC-0-s1',
  ])('is refused when it is malformed: %s', (text) => {
    expect(parseToken(text)).toMatchObject({ ok: false, error: { code: 'TOKEN_MALFORMED' } })
  })
})
