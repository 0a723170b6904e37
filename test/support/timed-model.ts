/** Models for runs in time: random ones with latencies that often meet, and chains of one event each. */
import fc from 'fast-check'
import { ModelBuilder } from '../../main/simulator/model/builder'
import type { Model } from '../../main/simulator/model/model'
import { randomModel } from './random-model'

const latency = fc.oneof(
  fc.constant<readonly [number, number]>([3, 3]),
  fc.constant<readonly [number, number]>([0, 2]),
  fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 400 })).map(([lo, more]): readonly [number, number] => [lo, lo + more]),
)

export const timedModel: fc.Arbitrary<Model> = fc
  .tuple(randomModel, fc.array(latency, { minLength: 1, maxLength: 6 }))
  .map(([model, latencies]) => ({
    ...model,
    steps: model.steps.map((s, i) => ({ ...s, latency: latencies[i % latencies.length] ?? s.latency })),
  }))

/** So many agents, each with one step that it takes for ever. */
export function chains(n: number, of: readonly [number, number]): Model {
  const b = new ModelBuilder()
  for (let i = 0; i < n; i++)
    b.agent(`A${i}`, `A${i}`, 'other').step(0, 0, {
      id: `s${i}`,
      op: 's',
      label: 's',
      cite: 'test',
      when: null,
      set: [],
      latency: of,
    })
  return b.build('chains')
}
