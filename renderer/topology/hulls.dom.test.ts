import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { testId } from '../testing/setup'
import GroupHulls from './GroupHulls.vue'
import GroupLegend from './GroupLegend.vue'
import { hullsOf, type Box } from './hulls'

const card = (top: number): Box => ({ left: 0, top, right: 200, bottom: top + 44 })
/** Two groups; the first has a stranger between its members. */
const hulls = hullsOf(
  new Map([
    ['a', card(0)],
    ['b', card(100)],
    ['c', card(200)],
  ]),
  new Map([
    ['a', 1],
    ['b', 2],
    ['c', 1],
  ]),
)
const drawn = (chosen: number | null = null) =>
  mount(GroupHulls, { props: { hulls, words: ['DMA-FQ', 'identity'], chosen } })

describe('hulls', () => {
  it('say number and default domain in words, for those who do not see the colour', () => {
    const shown = drawn()
    expect(shown.get(testId('hull-word-2')).text()).toBe('G2 identity')
    expect(shown.get(testId('hull-word-2')).attributes('aria-label')).toContain('Group 2, identity, 1 function')
  })

  it('of one group share number, colour and pattern where the members are apart', () => {
    const shown = drawn()
    expect(shown.findAll(testId('hull-word-1')).map((w) => w.text())).toEqual([
      'G1 DMA-FQ, part 1 of 2',
      'G1 DMA-FQ, part 2 of 2',
    ])
    const [first, second] = shown.findAll(testId('hull-1'))
    const colour = (hull?: { element: Element }) => (hull?.element as HTMLElement).style.getPropertyValue('--colour')
    expect(first?.classes()).toEqual(second?.classes())
    expect(colour(first)).toBe(colour(second))
    expect(colour(first)).not.toBe(colour(shown.get(testId('hull-2'))))
    expect(first?.classes()).not.toEqual(shown.get(testId('hull-2')).classes())
  })

  it('are chosen by their word, and stand out when they are', async () => {
    const shown = drawn(1)
    expect(shown.findAll(`${testId('hull-1')}.chosen`).length).toBe(2)
    expect(shown.get(testId('hull-2')).classes()).toContain('other')
    await shown.get(testId('hull-word-2')).trigger('click')
    expect(shown.emitted('choose')).toEqual([[2]])
  })
})

it('the legend has a way to every group', async () => {
  const group = (devices: string[], type: string | null) => ({
    devices,
    type,
    domain: type ?? 'unknown',
    reserved: [],
    because: [],
    iovaRanges: [],
  })
  const legend = mount(GroupLegend, {
    props: { groups: [group(['a', 'c'], 'DMA-FQ'), group(['b'], null)], chosen: 2 },
  })
  const buttons = legend.findAll('button')
  expect(buttons.map((b) => b.text().replace(/\s+/g, ' '))).toEqual(['G1DMA-FQ2', 'G2type unknown1'])
  expect(buttons.map((b) => b.attributes('aria-pressed'))).toEqual(['false', 'true'])
  await buttons[0]?.trigger('click')
  expect(legend.emitted('choose')).toEqual([[1]])
})
