/**
 * What stands between a CPU and coherent memory: its store buffer of three, loads done before their place in the program
 * (early) and behind it (late), and what leaves them when.
 */
import type { z } from 'zod'
import type { BehaviourSpec } from '../block'

/** What stands behind entry `{slot}` moves up; written for a buffer of three. */
const moveUp = {
  'sb{cpu}_0': '{slot} <= 0 ? sb{cpu}_1 : sb{cpu}_0',
  'sb{cpu}_1': '{slot} <= 1 ? sb{cpu}_2 : sb{cpu}_1',
  'sb{cpu}_2': 'empty',
  'sbv{cpu}_0': '{slot} <= 0 ? sbv{cpu}_1 : sbv{cpu}_0',
  'sbv{cpu}_1': '{slot} <= 1 ? sbv{cpu}_2 : sbv{cpu}_1',
  'sbv{cpu}_2': '0',
  'sbr{cpu}_0': '{slot} <= 0 ? sbr{cpu}_1 : sbr{cpu}_0',
  'sbr{cpu}_1': '{slot} <= 1 ? sbr{cpu}_2 : sbr{cpu}_1',
  'sbr{cpu}_2': 'false',
}

/** Entry `{slot}` is this, and nothing before it has to leave first. */
const mayLeave = (what: string): string =>
  [
    `sb{cpu}_{slot} == ${what}`,
    '({slot} == 0 || order == arm64 && !sbr{cpu}_{slot})',
    `({slot} <= 0 || (sb{cpu}_0 != ${what} && sb{cpu}_0 != barrier))`,
    `({slot} <= 1 || (sb{cpu}_1 != ${what} && sb{cpu}_1 != barrier))`,
  ].join(' && ')

/** One more entry behind the last. */
export const append = (what: string, value: string): Record<string, string> => ({
  'sb{cpu}_0': `sb{cpu}_0 == empty ? ${what} : sb{cpu}_0`,
  'sb{cpu}_1': `sb{cpu}_0 != empty && sb{cpu}_1 == empty ? ${what} : sb{cpu}_1`,
  'sb{cpu}_2': `sb{cpu}_1 != empty && sb{cpu}_2 == empty ? ${what} : sb{cpu}_2`,
  'sbv{cpu}_0': `sb{cpu}_0 == empty ? ${value} : sbv{cpu}_0`,
  'sbv{cpu}_1': `sb{cpu}_0 != empty && sb{cpu}_1 == empty ? ${value} : sbv{cpu}_1`,
  'sbv{cpu}_2': `sb{cpu}_1 != empty && sb{cpu}_2 == empty ? ${value} : sbv{cpu}_2`,
})

/** The same for a store-release: it leaves when everything before it has. */
export const appendRelease = (what: string, value: string): Record<string, string> => ({
  ...append(what, value),
  'sbr{cpu}_0': 'sb{cpu}_0 == empty ? order == arm64 : sbr{cpu}_0',
  'sbr{cpu}_1': 'sb{cpu}_0 != empty && sb{cpu}_1 == empty ? order == arm64 : sbr{cpu}_1',
  'sbr{cpu}_2': 'sb{cpu}_1 != empty && sb{cpu}_2 == empty ? order == arm64 : sbr{cpu}_2',
})

/** No store-release is in the buffer: a load-acquire is done behind it. */
export const NO_RELEASE = '!sbr{cpu}_0 && !sbr{cpu}_1 && !sbr{cpu}_2'

/** The load that the address of an access was computed from (register 0 or 1, −1: none) is done. */
export const ADDRESS_KNOWN =
  '(order == tso || ({address} != 0 || late{cpu}_0 == nothing) && ({address} != 1 || late{cpu}_1 == nothing))'

export const ROOM = 'sb{cpu}_2 == empty'
export const DRAINED = 'sb{cpu}_0 == empty'
export const OWN = (loc: string): string =>
  `(sb{cpu}_2 == ${loc} ? sbv{cpu}_2 : sb{cpu}_1 == ${loc} ? sbv{cpu}_1 : sbv{cpu}_0)`
export const HAS_OWN = (loc: string): string => `(sb{cpu}_0 == ${loc} || sb{cpu}_1 == ${loc} || sb{cpu}_2 == ${loc})`

export const NO_MMIO = 'sb{cpu}_0 != mmio && sb{cpu}_1 != mmio && sb{cpu}_2 != mmio'

/** No load of this address, or none at all, has been issued and is not done. */
export const NONE_LATE = (loc: string): string => `(order == tso || late{cpu}_0 != ${loc} && late{cpu}_1 != ${loc})`
export const ALL_LOADED = '(order == tso || late{cpu}_0 == nothing && late{cpu}_1 == nothing)'

/** Whatever is read from now on is read anew. */
export const READ_ANEW = { 'early{cpu}.{*loc}': 'false', 'earlyv{cpu}.{*loc}': '0' }

const fillSlot = (set: Record<string, string>, slot: number): Record<string, string> =>
  Object.fromEntries(Object.entries(set).map(([k, v]) => [k, v.replaceAll('{slot}', String(slot))]))

const LOADED = { 'late{cpu}_{reg}': 'nothing', 'early{cpu}.{loc}': 'false', 'earlyv{cpu}.{loc}': '0' }

export const BEHAVIOUR: z.input<typeof BehaviourSpec>[] = [
  {
    agent: 'buffer',
    per: ['cpu'],
    title: 'Store buffer of CPU {cpu}',
    role: 'fabric',
    steps: [
      {
        any: true,
        cases: [
          {
            per: ['slot', 'loc'],
            if: mayLeave('{loc}'),
            label: 'the store to {loc} becomes visible',
            set: { 'value.{loc}': 'sbv{cpu}_{slot}', ...moveUp },
          },
          {
            name: 'fence',
            if: 'sb{cpu}_0 == barrier',
            label: 'nothing is before the barrier any more',
            set: fillSlot(moveUp, 0),
          },
        ],
      },
    ],
  },
  ...[0, 1, 2].map((slot) => ({
    agent: `mmio${slot}_`,
    per: ['cpu'],
    title: `Device writes of CPU {cpu}, entry ${slot}`,
    role: 'fabric' as const,
    steps: [
      {
        any: true,
        posted: 'link',
        cases: [
          {
            if: mayLeave('mmio').replaceAll('{slot}', String(slot)),
            label: 'the write of the device register leaves CPU {cpu}',
            set: { doorbell: `sbv{cpu}_${slot}`, rung: 'true' },
            now: fillSlot(moveUp, slot),
          },
        ],
      },
    ],
  })),
  {
    agent: 'ahead',
    per: ['cpu'],
    title: 'Early reads of CPU {cpu}',
    role: 'fabric',
    steps: [
      {
        any: true,
        cases: [
          {
            per: ['loc'],
            if: `order == arm64 && !early{cpu}.{loc} && !${HAS_OWN('{loc}')}`,
            label: 'CPU {cpu} reads {loc} early',
            set: { 'early{cpu}.{loc}': 'true', 'earlyv{cpu}.{loc}': 'value.{loc}' },
          },
        ],
      },
    ],
  },
  {
    agent: 'late',
    per: ['cpu'],
    title: 'Late loads of CPU {cpu}',
    role: 'fabric',
    steps: [
      {
        any: true,
        cases: [
          {
            per: ['reg', 'loc'],
            name: 'forwarded{reg}_{loc}',
            if: `order == arm64 && late{cpu}_{reg} == {loc} && ${HAS_OWN('{loc}')}`,
            label: 'CPU {cpu}: its load of {loc} is done by its own store',
            set: { 'r{cpu}_{reg}': OWN('{loc}'), ...LOADED },
          },
          {
            per: ['reg', 'loc'],
            name: '{reg}_{loc}',
            if: `order == arm64 && late{cpu}_{reg} == {loc} && !${HAS_OWN('{loc}')}`,
            label: 'CPU {cpu}: its load of {loc} is done',
            set: { 'r{cpu}_{reg}': 'value.{loc}', ...LOADED },
          },
        ],
      },
    ],
  },
]
