import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

type Order = 'tso' | 'arm64'

/** A litmus test of two or more CPUs: is the outcome seen in some run? */
function seen(order: Order, cpus: readonly (readonly string[])[], outcome: string): boolean {
  const programs = cpus.map((ops, i) => `  cpu${i}: [${ops.map((o) => item(o, i)).join(', ')}]`).join('\n')
  const locations = ['x', 'y', 'z'].filter((x) => cpus.flat().some((o) => o.split(' ')[1] === x))
  const r = verdicts(
    `
blocks: { m: { kind: coherent-memory, order: ${order}, cpus: ${cpus.length}, top: 2, locations: { ${locations.map((x, i) => `${x}: ${i}`).join(', ')} } } }
programs:
${programs}
properties:
  - { name: outcome, sometimes: "(${outcome}) && m.quiet && ${cpus.map((_, i) => `done(last${i})`).join(' && ')}" }
`,
    { reduce: cpus.length > 2 },
  )
  expect(r['complete']).toBe('holds')
  return r['outcome'] === 'witnessed'

  function item(o: string, cpu: number): string {
    const [what = '', condition] = o.split(' ? ')
    const [op = '', a = '', b = '', from] = what.split(' ')
    const address = from === undefined ? '' : `, address: ${from}`
    const branch = condition === undefined ? '' : `, if: "${condition}"`
    const last = o === cpus[cpu]?.at(-1) ? `, id: last${cpu}` : ''
    const operands =
      op === 'W'
        ? `m.store: { cpu: ${cpu}, to: ${a}, value: ${b}${address} }`
        : op === 'R'
          ? `m.load: { cpu: ${cpu}, from: ${a}, into: ${b}${address} }`
          : op === 'L'
            ? `m.store_release: { cpu: ${cpu}, to: ${a}, value: ${b} }`
            : op === 'A'
              ? `m.load_acquire: { cpu: ${cpu}, from: ${a}, into: ${b}${address} }`
              : `m.${op}: { cpu: ${cpu} }`
    return `{ ${operands}${branch}${last} }`
  }
}

/** Name, CPUs, outcome, whether TSO shows it, whether arm64 does. */
const LITMUS: readonly [string, string[][], string, boolean, boolean][] = [
  [
    'SB',
    [
      ['W x 1', 'R y 0'],
      ['W y 1', 'R x 0'],
    ],
    'm.r0_0 == 0 && m.r1_0 == 0',
    true,
    true,
  ],
  [
    'SB with full barriers',
    [
      ['W x 1', 'dsb', 'R y 0'],
      ['W y 1', 'dsb', 'R x 0'],
    ],
    'm.r0_0 == 0 && m.r1_0 == 0',
    false,
    false,
  ],
  [
    'MP',
    [
      ['W x 1', 'W y 1'],
      ['R y 0', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP, only the writer orders',
    [
      ['W x 1', 'dma_wmb', 'W y 1'],
      ['R y 0', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP, only the reader orders',
    [
      ['W x 1', 'W y 1'],
      ['R y 0', 'dma_rmb', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP, both order',
    [
      ['W x 1', 'dma_wmb', 'W y 1'],
      ['R y 0', 'dma_rmb', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    false,
  ],
  [
    '2+2W',
    [
      ['W x 1', 'W y 2'],
      ['W y 1', 'W x 2'],
    ],
    'm.value.x == 1 && m.value.y == 1',
    false,
    true,
  ],
  [
    '2+2W with dma_wmb',
    [
      ['W x 1', 'dma_wmb', 'W y 2'],
      ['W y 1', 'dma_wmb', 'W x 2'],
    ],
    'm.value.x == 1 && m.value.y == 1',
    false,
    false,
  ],
  [
    'R',
    [
      ['W x 1', 'W y 1'],
      ['W y 2', 'R x 0'],
    ],
    'm.value.y == 2 && m.r1_0 == 0',
    true,
    true,
  ],
  [
    'S',
    [
      ['W x 2', 'W y 1'],
      ['R y 0', 'W x 1'],
    ],
    'm.value.x == 2 && m.r1_0 == 1',
    false,
    true,
  ],
  [
    'LB',
    [
      ['R x 0', 'W y 1'],
      ['R y 0', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    true,
  ],
  [
    'LB with full barriers',
    [
      ['R x 0', 'dsb', 'W y 1'],
      ['R y 0', 'dsb', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB with dma_rmb',
    [
      ['R x 0', 'dma_rmb', 'W y 1'],
      ['R y 0', 'dma_rmb', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB with dma_wmb: no load waits for it',
    [
      ['R x 0', 'dma_wmb', 'W y 1'],
      ['R y 0', 'dma_wmb', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    true,
  ],
  [
    'LB, one side with dma_rmb',
    [
      ['R x 0', 'dma_rmb', 'W y 1'],
      ['R y 0', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    true,
  ],
  [
    'LB with data dependencies: no value out of thin air',
    [
      ['R x 0', 'W y m.r0_0'],
      ['R y 0', 'W x m.r1_0'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB, a data dependency on one side',
    [
      ['R x 0', 'W y m.r0_0'],
      ['R y 0', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    true,
  ],
  [
    'LB with control dependencies',
    [
      ['R x 0', 'W y 1 ? m.r0_0 == 1'],
      ['R y 0', 'W x 1 ? m.r1_0 == 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB, data dependency and dma_rmb',
    [
      ['R x 0', 'W y m.r0_0'],
      ['R y 0', 'dma_rmb', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB of two loads',
    [
      ['R x 0', 'R z 1', 'W y 1'],
      ['R y 0', 'dma_rmb', 'W x 1', 'W z 1'],
    ],
    'm.r0_0 == 1 && m.r0_1 == 1 && m.r1_0 == 1',
    false,
    true,
  ],
  [
    'S, the writer orders',
    [
      ['W x 2', 'dma_wmb', 'W y 1'],
      ['R y 0', 'W x 1'],
    ],
    'm.value.x == 2 && m.r1_0 == 1',
    false,
    true,
  ],
  [
    'S, dma_wmb and data dependency',
    [
      ['W x 2', 'dma_wmb', 'W y 1'],
      ['R y 0', 'W x m.r1_0'],
    ],
    'm.value.x == 2 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'S, dma_wmb and control dependency',
    [
      ['W x 2', 'dma_wmb', 'W y 1'],
      ['R y 0', 'W x 1 ? m.r1_0 == 1'],
    ],
    'm.value.x == 2 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'S, dma_wmb and dma_rmb',
    [
      ['W x 2', 'dma_wmb', 'W y 1'],
      ['R y 0', 'dma_rmb', 'W x 1'],
    ],
    'm.value.x == 2 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'R, the writer orders',
    [
      ['W x 1', 'dma_wmb', 'W y 1'],
      ['W y 2', 'R x 0'],
    ],
    'm.value.y == 2 && m.r1_0 == 0',
    true,
    true,
  ],
  [
    'R with full barriers',
    [
      ['W x 1', 'dsb', 'W y 1'],
      ['W y 2', 'dsb', 'R x 0'],
    ],
    'm.value.y == 2 && m.r1_0 == 0',
    false,
    false,
  ],
  [
    'MP, dma_wmb and control dependency: a branch orders no load',
    [
      ['W x 1', 'dma_wmb', 'W y 1'],
      ['R y 0', 'R x 1 ? m.r1_0 == 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP, dma_wmb and control dependency with dma_rmb',
    [
      ['W x 1', 'dma_wmb', 'W y 1'],
      ['R y 0', 'dma_rmb ? m.r1_0 == 1', 'R x 1 ? m.r1_0 == 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    false,
  ],
  [
    'SB with dma_rmb',
    [
      ['W x 1', 'dma_rmb', 'R y 0'],
      ['W y 1', 'dma_rmb', 'R x 0'],
    ],
    'm.r0_0 == 0 && m.r1_0 == 0',
    true,
    true,
  ],
  [
    'MP, dma_wmb and address dependency',
    [
      ['W x 1', 'dma_wmb', 'W y 1'],
      ['R y 0', 'R x 1 0'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    false,
  ],
  [
    'MP, address dependency alone: the writer does not order',
    [
      ['W x 1', 'W y 1'],
      ['R y 0', 'R x 1 0'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP with release and acquire',
    [
      ['W x 1', 'L y 1'],
      ['A y 0', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    false,
  ],
  [
    'MP with release alone',
    [
      ['W x 1', 'L y 1'],
      ['R y 0', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP with acquire alone',
    [
      ['W x 1', 'W y 1'],
      ['A y 0', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP, the acquire behind the data orders nothing',
    [
      ['W x 1', 'L y 1'],
      ['R y 0', 'A x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'MP, release and address dependency',
    [
      ['W x 1', 'L y 1'],
      ['R y 0', 'R x 1 0'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    false,
  ],
  [
    'SB with release and acquire: ldar waits for an earlier stlr',
    [
      ['L x 1', 'A y 0'],
      ['L y 1', 'A x 0'],
    ],
    'm.r0_0 == 0 && m.r1_0 == 0',
    true,
    false,
  ],
  [
    'SB with release and plain loads',
    [
      ['L x 1', 'R y 0'],
      ['L y 1', 'R x 0'],
    ],
    'm.r0_0 == 0 && m.r1_0 == 0',
    true,
    true,
  ],
  [
    'SB with acquire behind plain stores',
    [
      ['W x 1', 'A y 0'],
      ['W y 1', 'A x 0'],
    ],
    'm.r0_0 == 0 && m.r1_0 == 0',
    true,
    true,
  ],
  [
    'LB with address dependencies',
    [
      ['R x 0', 'W y 1 0'],
      ['R y 0', 'W x 1 0'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB, an address between: a store behind a load with an address dependency is behind both',
    [
      ['R x 0', 'R z 1 0', 'W y 1'],
      ['R y 0', 'W x 1 0'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB with releases',
    [
      ['R x 0', 'L y 1'],
      ['R y 0', 'L x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'LB with acquires',
    [
      ['A x 0', 'W y 1'],
      ['A y 0', 'W x 1'],
    ],
    'm.r0_0 == 1 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    'S, release and address dependency',
    [
      ['W x 2', 'L y 1'],
      ['R y 0', 'W x 1 0'],
    ],
    'm.value.x == 2 && m.r1_0 == 1',
    false,
    false,
  ],
  [
    '2+2W with releases',
    [
      ['W x 1', 'L y 2'],
      ['W y 1', 'L x 2'],
    ],
    'm.value.x == 1 && m.value.y == 1',
    false,
    false,
  ],
  [
    'a store behind a release may pass it',
    [
      ['L x 1', 'W y 1'],
      ['A y 0', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r1_1 == 0',
    false,
    true,
  ],
  [
    'ISA2, release, address dependency, acquire',
    [
      ['W x 1', 'L y 1'],
      ['R y 0', 'W z 1 0'],
      ['A z 0', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r2_0 == 1 && m.r2_1 == 0',
    false,
    false,
  ],
  [
    'IRIW with address dependencies',
    [['W x 1'], ['W y 1'], ['R x 0', 'R y 1 0'], ['R y 0', 'R x 1 0']],
    'm.r2_0 == 1 && m.r2_1 == 0 && m.r3_0 == 1 && m.r3_1 == 0',
    false,
    false,
  ],
  ['CoRW1', [['R x 0', 'W x 1']], 'm.r0_0 == 1', false, false],
  ['CoRW2', [['R x 0', 'W x 1'], ['W x 2']], 'm.r0_0 == 2 && m.value.x == 2', false, false],
  ['CoWW', [['W x 1', 'W x 2']], 'm.value.x == 1', false, false],
  ['CoRR', [['W x 1'], ['R x 0', 'R x 1']], 'm.r1_0 == 1 && m.r1_1 == 0', false, false],
  ['CoWR', [['W x 1', 'R x 0'], ['W x 2']], 'm.r0_0 == 0', false, false],
  [
    'a store is forwarded before others see it',
    [
      ['W x 1', 'R x 0', 'R y 1'],
      ['W y 1', 'R y 0', 'R x 1'],
    ],
    'm.r0_0 == 1 && m.r0_1 == 0 && m.r1_0 == 1 && m.r1_1 == 0',
    true,
    true,
  ],
  [
    'WRC with barriers',
    [['W x 1'], ['R x 0', 'dsb', 'W y 1'], ['R y 0', 'dma_rmb', 'R x 1']],
    'm.r1_0 == 1 && m.r2_0 == 1 && m.r2_1 == 0',
    false,
    false,
  ],
  [
    'WRC',
    [['W x 1'], ['R x 0', 'W y 1'], ['R y 0', 'R x 1']],
    'm.r1_0 == 1 && m.r2_0 == 1 && m.r2_1 == 0',
    false,
    true,
  ],
  [
    'WRC, data dependency and dma_rmb',
    [['W x 1'], ['R x 0', 'W y m.r1_0'], ['R y 0', 'dma_rmb', 'R x 1']],
    'm.r1_0 == 1 && m.r2_0 == 1 && m.r2_1 == 0',
    false,
    false,
  ],
  [
    'WRC, dma_rmb of the last reader alone',
    [['W x 1'], ['R x 0', 'W y 1'], ['R y 0', 'dma_rmb', 'R x 1']],
    'm.r1_0 == 1 && m.r2_0 == 1 && m.r2_1 == 0',
    false,
    true,
  ],
  [
    'ISA2, dma_wmb, data dependency, dma_rmb',
    [
      ['W x 1', 'dma_wmb', 'W y 1'],
      ['R y 0', 'W z m.r1_0'],
      ['R z 0', 'dma_rmb', 'R x 1'],
    ],
    'm.r1_0 == 1 && m.r2_0 == 1 && m.r2_1 == 0',
    false,
    false,
  ],
  [
    'IRIW',
    [['W x 1'], ['W y 1'], ['R x 0', 'R y 1'], ['R y 0', 'R x 1']],
    'm.r2_0 == 1 && m.r2_1 == 0 && m.r3_0 == 1 && m.r3_1 == 0',
    false,
    true,
  ],
  [
    'IRIW with dma_rmb',
    [['W x 1'], ['W y 1'], ['R x 0', 'dma_rmb', 'R y 1'], ['R y 0', 'dma_rmb', 'R x 1']],
    'm.r2_0 == 1 && m.r2_1 == 0 && m.r3_0 == 1 && m.r3_1 == 0',
    false,
    false,
  ],
]

describe('the order of accesses', () => {
  it.each(LITMUS)('%s: on x86 and on arm64 as their manuals say', (_name, cpus, outcome, tso, arm64) => {
    expect([seen('tso', cpus, outcome), seen('arm64', cpus, outcome)]).toEqual([tso, arm64])
  })
})

describe('a doorbell behind a descriptor', () => {
  const old = (order: Order, write: string): string | undefined =>
    verdicts(`
blocks: { m: { kind: coherent-memory, order: ${order}, cpus: 1, locations: { desc: 0 } } }
programs:
  cpu0: [{ m.store: { cpu: 0, to: desc } }, { m.${write}: { cpu: 0 } }]
  device: [{ wait: { until: m.rung } }, { m.dma_read: { from: desc }, id: FETCH }]
properties:
  - { name: old, never: "done(FETCH) && m.fetched.desc == 0" }
  - { name: new, sometimes: m.fetched.desc == 1 }
`)['old']

  it('is written with writel: the device never reads the old descriptor', () => {
    expect([old('tso', 'writel'), old('arm64', 'writel')]).toEqual(['holds', 'holds'])
  })
  it('is written with writel_relaxed: on arm64 it may overtake the descriptor', () => {
    expect([old('tso', 'writel_relaxed'), old('arm64', 'writel_relaxed')]).toEqual(['holds', 'violated'])
  })

  const arrived = (order: Order, then: string): string | undefined =>
    verdicts(`
blocks: { m: { kind: coherent-memory, order: ${order}, cpus: 1 } }
programs: { cpu0: [{ m.writel: { cpu: 0 } }, ${then}{ m.load: { cpu: 0, from: data }, id: NEXT }] }
properties:
  - { name: late, never: "done(NEXT) && !m.rung" }
`)['late']

  it('has not arrived when writel returns, and has when the read-back returns', () => {
    expect([arrived('tso', ''), arrived('arm64', '')]).toEqual(['violated', 'violated'])
    const back = '{ m.readl: { cpu: 0 } }, '
    expect([arrived('tso', back), arrived('arm64', back)]).toEqual(['holds', 'holds'])
  })
})

describe('a spinlock', () => {
  it.each(['tso', 'arm64'] as const)('makes two CPUs’ read-modify-writes add up on %s', (order) => {
    const cpu = (n: number) =>
      `  cpu${n}: [{ m.lock: { cpu: ${n} } }, { m.load: { cpu: ${n}, from: data } }, { m.store: { cpu: ${n}, to: data, value: m.r${n}_0 + 1 } }, { m.unlock: { cpu: ${n} } }]`
    const r = verdicts(
      `blocks: { m: { kind: coherent-memory, order: ${order}, top: 3 } }\nprograms:\n${cpu(0)}\n${cpu(1)}\nproperties:\n  - { name: both, end: m.value.data == 2 }`,
    )
    expect(r['both']).toBe('holds')
  })
})

describe('the rules of the CPUs', () => {
  const overtaken = (arch: string, order = '') =>
    verdicts(`
platform:
  { doorbellPlatform: 1, name: p, arch: ${arch}, source: test, roots: [], functions: [], iommus: [], msiControllers: [] }
blocks: { m: { kind: coherent-memory, cpus: 1, locations: { desc: 0 }${order} } }
programs:
  cpu0: [{ m.store: { cpu: 0, to: desc } }, { m.writel_relaxed: { cpu: 0 } }]
properties:
  - { name: overtaken, sometimes: m.rung && m.value.desc == 0 }
`)['overtaken']

  it('are those of the platform, where the scenario does not say it', () => {
    expect([overtaken('x86'), overtaken('arm64'), overtaken('arm64', ', order: tso')]).toEqual([
      'unwitnessed',
      'witnessed',
      'unwitnessed',
    ])
  })
})
