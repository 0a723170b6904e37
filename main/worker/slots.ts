/** An entry of a device's message store out of a scenario's register tables, in one state. */
import type { FieldView, RegisterTableView, ScenarioView } from '../../preload/contract'
import type { Slot, Work } from '../simulator/paths/slot'

type View = Pick<ScenarioView, 'variables' | 'registers'>
type Row = RegisterTableView['rows'][number]
type Device = ScenarioView['devices'][number]

const named = (row: Row, name: string): FieldView | undefined =>
  row.registers.flatMap((r) => r.fields).find((f) => f.name === name)

/** Unsigned value of a field; undefined where the row has no such field. */
function valueOf(view: View, state: ArrayLike<number>, row: Row, name: string): number | undefined {
  const found = named(row, name)
  if (!found) return undefined
  if ('constant' in found.source) return found.source.constant
  const { variable, encode } = found.source
  const raw = state[variable] ?? 0
  return (encode[raw - (view.variables[variable]?.lo ?? 0)] ?? raw) >>> 0
}

/** Rows of the block's tables that hold a message: an address and data. */
function messageRows(view: View, block: string): Row[] {
  const rows = view.registers.filter((t) => t.block === block).flatMap((t) => t.rows)
  return rows.filter((r) => named(r, LOW) !== undefined && named(r, 'Message Data') !== undefined)
}

const LOW = 'Message Address[31:0]'

/** Vector 0 is the device's own; the others have the entries of the store, in order. Undefined: there is no such entry. */
export function workOf(
  view: View,
  device: Pick<Device, 'block' | 'check'>,
  state: ArrayLike<number>,
  vector: number,
  pasid: number | undefined,
): Work | undefined {
  const row = messageRows(view, device.block)[vector - 1]
  if (!row) return undefined
  const read = (name: string): number => valueOf(view, state, row, name) ?? 0
  const slot: Slot = {
    name: row.id.slice(row.id.indexOf(' ') + 1),
    address: (BigInt(read('Message Address[63:32]')) << 32n) | BigInt(read(LOW)),
    data: read('Message Data'),
    control: {
      pasid: read('PASID'),
      pasidEnable: read('PASID_EN') === 1,
      ignore: read('Ignore') === 1,
      mask: read('Mask') === 1,
    },
  }
  const queue = view.registers
    .filter((t) => t.block === device.block)
    .flatMap((t) => t.rows)
    .find((r) => r.registers.some((g) => g.name.startsWith('WQCFG')))
  const enable = queue && valueOf(view, state, queue, 'PASID_EN')
  return {
    slot,
    queue: enable === undefined ? undefined : { pasidEnable: enable === 1 },
    pasid,
    when: device.check ?? 'none',
  }
}
