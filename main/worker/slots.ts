/** An entry of a device's message store out of a scenario's register tables, in one state. */
import type { RegisterTableView, ScenarioView } from '../../preload/contract'
import type { Slot, Work } from '../simulator/paths/slot'

type View = Pick<ScenarioView, 'variables' | 'registers'>
type Row = RegisterTableView['rows'][number]

/** Unsigned value of a field, by register name and field name; undefined where the row has no such field. */
function field(view: View, state: ArrayLike<number>, row: Row, register: string, name: string): number | undefined {
  const found = row.registers.find((r) => r.name === register)?.fields.find((f) => f.name === name)
  if (!found) return undefined
  if ('constant' in found.source) return found.source.constant
  const { variable, encode } = found.source
  const raw = state[variable] ?? 0
  return (encode[raw - (view.variables[variable]?.lo ?? 0)] ?? raw) >>> 0
}

/** Undefined: the scenario has no message store, or no such entry. */
export function workOf(
  view: View & Pick<ScenarioView, 'devices'>,
  state: ArrayLike<number>,
  vector: number,
  pasid: number | undefined,
): Work | undefined {
  const row = view.registers.find((t) => t.id === 'ims')?.rows.find((r) => r.id === `IMS[${vector}]`)
  if (!row) return undefined
  const read = (register: string, name: string): number => field(view, state, row, register, name) ?? 0
  const slot: Slot = {
    name: row.id,
    address:
      (BigInt(read('Message Address High', 'Address')) << 32n) | (BigInt(read('Message Address Low', 'Address')) << 2n),
    data: read('Message Data', 'Data'),
    control: {
      pasid: read('Control', 'PASID'),
      pasidEnable: read('Control', 'PASID_EN') === 1,
      ignore: read('Control', 'Ignore') === 1,
      mask: read('Control', 'Mask') === 1,
    },
  }
  const queueRow = view.registers.find((t) => t.id === 'wqcfg')?.rows[0]
  const enable = queueRow && field(view, state, queueRow, 'WQCFG[8]', 'PASID_EN')
  return {
    slot,
    queue: enable === undefined ? undefined : { pasidEnable: enable === 1 },
    pasid,
    when: view.devices[0]?.check ?? 'none',
  }
}
