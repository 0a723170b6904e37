import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ExploreResult } from '../../preload/contract'
import { REPAIRS, result } from '../testing/fake-answers'
import ExplorerPanel from '../explorer/ExplorerPanel.vue'
import { freshWorkbench, mountPanel, openDocument, testId } from '../testing/setup'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useNotices } from './notices'
import { nearestRepair, troubles, useOrdering } from './ordering'

let host: ReturnType<typeof freshWorkbench>
beforeEach(() => void (host = freshWorkbench()))

const GAP = { before: 'host.reprogram', after: 'device.dispatch' }
/** As the explorer would find a text: sound where it has one of these lines. */
const sound = (...lines: string[]): void => {
  host.handlers['explore.start'] = ({ name, text }) => result(name, !lines.some((l) => text.includes(l)))
}
const line = (ends: typeof GAP): string => `${ends.before} > ${ends.after}`
const enforce = async (candidates = [GAP]): Promise<void> => {
  const text = useDocuments().active?.text ?? ''
  await useOrdering().enforce(candidates, (ends) => `${text}${line(ends)}\n`)
  await flushPromises()
}
const said = (): string =>
  useNotices()
    .items.map((n) => `${n.title}. ${n.message}`)
    .join('\n')

describe('an ordering that closes a gap', () => {
  it('is written as it is where that repairs everything', async () => {
    await openDocument('idxd-vsvm-late')
    sound(line(GAP))
    await enforce()
    expect(useDocuments().active?.text).toContain(line(GAP))
    expect(said()).toContain('The order repairs it')
  })

  it('is written at the operation where only that repairs', async () => {
    await openDocument('idxd-vsvm-late')
    const whole = { before: 'R', after: 'device.dispatch' }
    sound(line(whole))
    await enforce([GAP, whole])
    expect(useDocuments().active?.text).toContain(line(whole))
    expect(useDocuments().active?.text).not.toContain(line(GAP))
  })

  it('is written at the nearest proved end where neither does, and says so', async () => {
    await openDocument('idxd-vsvm-late')
    await enforce()
    expect(useDocuments().active?.text).toContain('host.reprogram > device.send')
    expect(said()).toContain('Ordered at the end that repairs it')
  })

  it('is not written where no ordering repairs anything: the reason, and the choice to do it nevertheless', async () => {
    await openDocument('idxd-vsvm-late')
    host.handlers['repair.start'] = ({ name }) => ({
      ...REPAIRS(name),
      repairs: [],
      repairable: false,
      reason: 'it needs another mechanism',
    })
    const before = useDocuments().active?.text
    await enforce()
    expect(useDocuments().active?.text).toBe(before)
    expect(said()).toContain(
      'it would repair nothing. host.reprogram before device.dispatch: it needs another mechanism.',
    )
    useNotices().items[0]?.action?.run()
    expect(useDocuments().active?.text).toContain(line(GAP))
  })

  it('that was drawn by hand is told what it is worth, and can be exchanged for the proved repair', async () => {
    const key = await openDocument('idxd-vsvm-late')
    const documents = useDocuments()
    const before = documents.active?.text ?? ''
    documents.changeText(key, 'Order a before b', `${before}a > b\n`)
    await useOrdering().tell(key, before, { before: 'a', after: 'b' })
    expect(said()).toContain('The order repairs nothing. host-pasid')
    useNotices().items[0]?.action?.run()
    await flushPromises()
    expect(documents.active?.text).not.toContain('a > b')
    expect(documents.active?.text).toContain('{ before: guest.msixperm, after: guest.submit }')
  })
})

describe('an ordering that holds the hardware back', () => {
  const WORDS = 'nobody can make device.dispatch wait for host.reprogram: it is a step of the hardware'
  /** As a check has it: a warning where the text has such an ordering. */
  const warn = (): void => {
    const usual = host.handlers['scenario.check']
    host.handlers['scenario.check'] = async (request, call) => {
      const answer = await usual(request, call)
      const at = request.text.split('\n').findIndex((l) => l.includes(line(GAP)))
      if (at < 0) return answer
      const problem = { severity: 'warning' as const, code: 'SCENARIO_ORDERING' as const, message: WORDS, line: at + 1 }
      return { ...answer, problems: [...answer.problems, problem] }
    }
  }

  it('is not taken for a repair, though every property holds under it: the proved one is written', async () => {
    await openDocument('idxd-vsvm-late')
    warn()
    sound(line(GAP))
    await enforce()
    expect(useDocuments().active?.text).not.toContain(line(GAP))
    expect(useDocuments().active?.text).toContain('host.reprogram > device.send')
  })

  it('is not written where nothing else repairs it, and why is said', async () => {
    await openDocument('idxd-vsvm-late')
    warn()
    sound(line(GAP))
    host.handlers['repair.start'] = ({ name }) => ({ ...REPAIRS(name), repairs: [], repairable: false })
    const before = useDocuments().active?.text
    await enforce()
    expect(useDocuments().active?.text).toBe(before)
    expect(said()).toContain('Nothing was ordered: nobody can enforce it. Nobody can make device.dispatch wait')
  })

  it('that was drawn by hand is told so, instead of that it repairs', async () => {
    const key = await openDocument('idxd-vsvm-late')
    warn()
    sound(line(GAP))
    const documents = useDocuments()
    const before = documents.active?.text ?? ''
    documents.changeText(key, 'Order', `${before}${line(GAP)}\n`)
    await useOrdering().tell(key, before, GAP)
    expect(said()).toContain('Nobody can enforce this order. Nobody can make device.dispatch wait for host.reprogram')
    expect(said()).not.toContain('repairs it')
    expect(useNotices().items[0]?.action?.title).toBe('Use a proved repair instead')
  })

  it('qualifies the verdicts in the explorer, and leads to its line', async () => {
    const key = await openDocument('idxd-vsvm-late')
    warn()
    sound(line(GAP))
    const documents = useDocuments()
    documents.changeText(key, 'Order', `${documents.active?.text ?? ''}${line(GAP)}\n`)
    await useChecks().check(key)
    const panel = mountPanel(ExplorerPanel)
    await panel.get(testId('explore')).trigger('click')
    await flushPromises()
    expect(panel.get(testId('unheld')).text()).toContain(`Only while the hardware waits: ${WORDS}`)
    panel.unmount()
  })
})

describe('what is not as it should be', () => {
  const properties = (...verdicts: ExploreResult['properties'][number]['verdict'][]) =>
    ({ complete: false, properties: verdicts.map((verdict, i) => ({ name: `p${i}`, verdict })) }) as ExploreResult

  it('is what is violated, and a witness that is lost; unknown where nothing was decided', () => {
    expect(troubles(properties('holds', 'violated', 'unwitnessed'))).toEqual(['p1', 'p2'])
    expect(troubles(properties('undecided'))).toBeNull()
  })

  it('is repaired nearest where the step before is the same, then the step behind, then the operation', () => {
    const [edge] = REPAIRS('x').repairs
    const repair = (before: string, after: string) => ({ ...edge!, edges: [{ before, after, agent: 'a' }] })
    const all = [repair('B6.flush', 'OWN'), repair('X', 'send'), repair('B6.arrives', 'OWN')]
    expect(nearestRepair(all, { before: 'B6.arrives', after: 'send' })).toEqual({ before: 'B6.arrives', after: 'OWN' })
    expect(nearestRepair(all.slice(0, 2), { before: 'B6.arrives', after: 'send' })?.after).toBe('send')
    expect(nearestRepair(all.slice(0, 1), { before: 'B6.arrives', after: 'send' })?.before).toBe('B6.flush')
    expect(nearestRepair(all, { before: 'C', after: 'D' })).toBeNull()
  })
})
