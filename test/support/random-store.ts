/** Small stores for property tests: any lanes, times with many ties, spans that overlap, arrows both ways. */
import fc from 'fast-check'
import { StoreBuilder } from '../../main/simulator/trace/builder'
import { EVENT_KINDS, FLOW_KINDS, LANE_ROLES, type EventStore } from '../../main/simulator/trace/events'

const words = fc.constantFrom('submit', 'trap', 'flush', 'mask é', 'a "quoted" one', 'x\ny', '')

export const randomStore = (most = 120): fc.Arbitrary<EventStore> =>
  fc
    .record({
      unit: fc.constantFrom('step' as const, 'ns' as const),
      lanes: fc.array(
        fc.record({ title: words, role: fc.constantFrom(...LANE_ROLES), group: fc.constantFrom('', 'p') }),
        {
          minLength: 1,
          maxLength: 5,
        },
      ),
      signals: fc.array(
        fc.record({
          field: words,
          labels: fc.constantFrom(null, ['none', 'own', 'host', 'guest']),
          initial: fc.nat(3),
        }),
        { maxLength: 3 },
      ),
      events: fc.array(
        fc.record({
          gap: fc.constantFrom(0, 0, 1, 2, 40, 1000),
          duration: fc.constantFrom(0, 0, 0, 1, 3, 30, 5000),
          lane: fc.nat(4),
          kind: fc.constantFrom(...EVENT_KINDS),
          label: words,
          line: fc.nat(3),
          args: fc.option(fc.constantFrom('{"a":1}', '{}'), { nil: undefined, freq: 6 }),
        }),
        { maxLength: most },
      ),
      flows: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...FLOW_KINDS), words), { maxLength: 30 }),
      changes: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(3), fc.nat(3)), { maxLength: 30 }),
    })
    .map((given) => {
      const builder = new StoreBuilder(given.unit, { title: 'random' })
      given.lanes.forEach((lane, i) => builder.lane({ id: `lane${i}`, ...lane }))
      for (const s of given.signals) {
        const { field, labels, initial } = s
        builder.signal({ register: 'R', field, labels, lo: 0, hi: 3, initial })
      }
      let time = 0
      const numbers = given.events.map(({ gap, duration, lane, kind, label, line, args }) =>
        builder.event({
          time: (time += gap),
          duration,
          lane: lane % given.lanes.length,
          kind,
          name: builder.name({ label, step: label && `s.${label}`, line }),
          args,
        }),
      )
      if (numbers.length > 0) {
        for (const [from, to, kind, why] of given.flows) {
          const [f, t] = [from % numbers.length, to % numbers.length]
          if (f !== t) builder.flow(f, t, kind, why)
        }
        if (given.signals.length > 0)
          for (const [event, signal, from, to] of given.changes)
            builder.change(event % numbers.length, signal % given.signals.length, from, to)
      }
      return builder.build()
    })
