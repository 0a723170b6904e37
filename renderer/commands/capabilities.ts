/** What the chosen function of a board has: capabilities, ACS bits, driver, sizes. */
import { Check, Cpu, Layers, Settings2, ShieldCheck, ToggleLeft } from '@lucide/vue'
import type { PciFunction } from '../../preload/contract'
import { acsBitsOf, capabilitiesOf, TYPED, type Change } from '../model/capabilities'
import { useBoard } from '../stores/board'
import { useDialogs } from '../stores/dialogs'
import { useNotices } from '../stores/notices'
import { useTopology } from '../stores/topology'
import type { Command } from './command'

const ASKED = {
  driver: 'Driver of the chosen function…',
  vectors: 'MSI-X vectors of the chosen function…',
  vfs: 'Virtual functions of the chosen function…',
} as const
const ICONS = { driver: Cpu, vectors: Settings2, vfs: Layers }

export function capabilityCommands(): Command[] {
  const board = useBoard()
  const topology = useTopology()
  const dialogs = useDialogs()
  const notices = useNotices()
  const chosen = (): PciFunction | null => {
    const { node } = topology
    return board.platform !== null && (node?.kind === 'function' || node?.kind === 'bridge') ? node.fn : null
  }
  const set = async (fn: PciFunction, change: Change | null | undefined): Promise<void> => {
    if (change) await board.edit({ op: 'set', what: fn.bdf, fields: change.fields }, `${fn.bdf}: ${change.mark}`)
  }
  const typed = (what: keyof typeof ASKED): Command => ({
    id: `board.${what}`,
    title: ASKED[what],
    category: 'Edit',
    icon: ICONS[what],
    group: 5,
    when: () => {
      const fn = chosen()
      return fn !== null && TYPED[what](fn) !== null
    },
    run: (given) => {
      const fn = chosen()
      const field = fn && TYPED[what](fn)
      if (!fn || !field) return
      if (given !== undefined) {
        const change = field.change(given)
        if (change) return set(fn, change)
        return void notices.show({ tone: 'wait', title: `${given} cannot stand there`, message: field.limits })
      }
      dialogs.ask({
        title: ASKED[what].replace(' of the chosen function…', ` of ${fn.bdf}`),
        message: field.limits === '' ? 'By its name in Linux; empty: none.' : field.limits,
        value: field.value,
        confirm: 'Set',
        check: (text) => (field.change(text) === null ? field.limits : null),
        done: (text) => void set(fn, field.change(text)),
      })
    },
  })
  return [
    {
      id: 'board.capability',
      title: 'Give the chosen function a capability, or take it away…',
      category: 'Edit',
      keys: ['C'],
      scope: 'topology',
      icon: ToggleLeft,
      group: 5,
      when: () => chosen() !== null,
      choices: () => {
        const fn = chosen()
        return (fn ? capabilitiesOf(fn) : []).map(({ name, words, on }) => ({
          value: name,
          title: `${on ? 'Take away' : 'Give'} ${name}`,
          note: words,
          ...(on ? { icon: Check } : {}),
        }))
      },
      run: (what) => {
        const fn = chosen()
        if (fn) return set(fn, capabilitiesOf(fn).find((c) => c.name === what)?.change)
      },
    },
    {
      id: 'board.acs',
      title: 'Flip an ACS bit of the chosen function…',
      category: 'Edit',
      icon: ShieldCheck,
      group: 5,
      when: () => acsBitsOf(chosen() ?? NOTHING).length > 0,
      choices: () =>
        acsBitsOf(chosen() ?? NOTHING)
          .filter((b) => !b.fixed)
          .map(({ register, name, words, on }) => ({
            value: `${register} ${name}`,
            title: `${name} ${register === 'cap' ? 'capability' : 'control'}: ${on ? '1 → 0' : '0 → 1'}`,
            note: words,
            ...(on ? { icon: Check } : {}),
          })),
      run: (what) => {
        const fn = chosen()
        if (fn) return set(fn, acsBitsOf(fn).find((b) => `${b.register} ${b.name}` === what && !b.fixed)?.change)
      },
    },
    typed('driver'),
    typed('vectors'),
    typed('vfs'),
  ]
}
/** A function without ACS. */
const NOTHING = {} as PciFunction
