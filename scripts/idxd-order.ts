/**
 * What becomes of the idxd driver's order of set-up and teardown when two neighbouring steps change places: every
 * such swap is explored, and written as a table. `node scripts/gen-idxd-order.mjs` writes docs/idxd-order.md.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { explore } from '../main/simulator/engine/explore'
import { assert } from '../main/simulator/faults'
import { compile } from '../main/simulator/model/compile'
import { compileScenario } from '../main/simulator/scenario/compile'

interface Step extends Readonly<Record<string, unknown>> {
  readonly id: string
}

interface File extends Readonly<Record<string, unknown>> {
  readonly title: string
  readonly source: string
  readonly programs: Readonly<Record<string, readonly unknown[]>> & { readonly driver: readonly Step[] }
}

/** The scenarios whose driver is reordered. */
const ORDERS = ['idxd-kernel-order', 'idxd-enabled-first', 'idxd-driver-order', 'idxd-posted-store-landed']
/** The teardown begins with the first of these; nothing is moved across. */
const TEARDOWN = ['CLOSE', 'DISABLE']
const COLUMNS = ['refused', 'dropped', 'spurious', 'unserved', 'stale', 'complete']

const INTRO = `# Order of set-up and teardown of an idxd interrupt

Written by \`node scripts/gen-idxd-order.mjs\`; a test explores everything again and compares.

Each row is one scenario in which two neighbouring steps of the driver have changed places. A number is the length of the
shortest run that violates the property; "–" says that no run does; an empty cell, that the scenario does not ask. Every
state of every scenario was visited.

- refused: a descriptor comes back with 0x19
- dropped: the queue was not enabled, the descriptor is dropped (posted) or answered with "retry" (ENQCMD)
- spurious: an interrupt comes without a handler
- unserved: a submitted descriptor never has its interrupt handled
- stale: at the end an entry holds a PASID, or a handle is valid
- complete: the driver cannot come to its end

PERM and CLEAR write the permission entry, IRQ is request_threaded_irq, FREE free_irq, HANDLE and RELEASE the interrupt
handle, OPEN and CLOSE the reference that submitters take, LAND the wait for posted stores. ENABLE, DISABLE, DRAIN and
RESET are commands to the work queue.
`

/** docs/idxd-order.md as it has to be. */
export function orderDocument(root: string): string {
  return [INTRO, ...ORDERS.map((id) => section(root, id))].join('\n')
}

function section(root: string, id: string): string {
  const path = `resources/scenarios/2021-ims/${id}.yaml`
  const file = parse(readFileSync(join(root, path), 'utf8')) as File
  const { driver } = file.programs
  const split = driver.findIndex((s) => TEARDOWN.includes(s.id))
  const rows = [['as it is', ...verdicts(file, driver)]]
  for (let i = 0; i + 1 < driver.length; i++) {
    const [first, second] = [driver[i], driver[i + 1]]
    assert(first && second, 'two steps')
    if (i + 1 === split) continue
    const swapped = [...driver.slice(0, i), second, first, ...driver.slice(i + 2)]
    rows.push([`${second.id} before ${first.id}`, ...verdicts(file, swapped)])
  }
  const order = (steps: readonly Step[]): string => steps.map((s) => s.id).join(', ')
  return [
    `## ${file.title}`,
    '',
    `\`${id}\`; ${file.source}.`,
    '',
    `Set-up: ${order(driver.slice(0, split))}. Teardown: ${order(driver.slice(split))}.`,
    '',
    table([['swap', ...COLUMNS, 'states'], ...rows]),
  ].join('\n')
}

/** One cell for each column, and the number of states. */
function verdicts(file: File, driver: readonly Step[]): string[] {
  const { edges: _edges, platform: _platform, ...rest } = file
  const c = compileScenario('order', stringify({ ...rest, programs: { ...file.programs, driver } }), [])
  assert(c.ok, `the reordered scenario compiles: ${JSON.stringify(c.ok ? null : c.error)}`)
  const { model } = c.value
  const e = explore(compile(model))
  assert(e.complete, 'explored completely')
  return [
    ...COLUMNS.map((name) => {
      const f = e.findings[model.properties.findIndex((p) => p.name === name)]
      if (!f) return ''
      return f.verdict === 'violated' ? String(f.choices?.length ?? 0) : '–'
    }),
    String(e.states),
  ]
}

/** Columns as wide as their widest cell, as the formatter has them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(3, ...rows.map((r) => r[c]?.length ?? 0)))
  const line = (cells: readonly string[]): string => `| ${cells.map((x, c) => x.padEnd(widths[c] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(widths.map((w) => '-'.repeat(w))), ...body.map(line)].join('\n') + '\n'
}
