/**
 * The planner on synthetic platforms of growing size: cold runs of `doorbell plan FILE --json`, medians, and the exponent
 * with which the time beyond start-up grows. Root ports with and without ACS, single and multi-function endpoints.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inFolder, median, root } from './support.mjs'

const cli = join(root, 'out/main/cli.js')
const RUNS = 3
const hex = (n, digits) => n.toString(16).padStart(digits, '0')

/** `ids`: how many device ids the endpoints take turns with; functions of one id look alike and are folded in the window. */
export function platform(wanted, ids = 1) {
  const functions = []
  const roots = []
  for (let segment = 0; functions.length < wanted; segment++) {
    const root = `pci${hex(segment, 4)}:00`
    roots.push({ id: root, segment, bus: 0 })
    for (let slot = 0; slot < 31 && functions.length < wanted; slot++) {
      const port = `${hex(segment, 4)}:00:${hex(slot, 2)}.0`
      const bus = slot + 1
      const bridge = { primary: 0, secondary: bus, subordinate: bus }
      const acs = slot % 3 === 0 ? {} : { acs: { cap: 31, ctrl: 29 } }
      const express = { type: 'root-port', version: 2, slot: true }
      functions.push({
        bdf: port,
        parent: root,
        vendor: 0x8086,
        device: 0x1234,
        class: 0x060400,
        headerType: 1,
        configSize: 4096,
        bridge,
        express,
        ...acs,
      })
      const count = slot % 2 === 0 ? 8 : 1
      for (let fn = 0; fn < count && functions.length < wanted; fn++) {
        functions.push({
          bdf: `${hex(segment, 4)}:${hex(bus, 2)}:00.${fn}`,
          parent: port,
          vendor: 0x8086,
          device: 0x5678 + (functions.length % ids),
          class: 0x020000,
          headerType: 0,
          multifunction: count > 1,
          configSize: 4096,
          express: { type: 'endpoint', version: 2, slot: false },
        })
      }
    }
  }
  const serves = functions.map((f) => f.bdf)
  return {
    doorbellPlatform: 1,
    name: `synthetic ${wanted}`,
    arch: 'x86',
    source: 'benchmark',
    kernel: { cmdline: 'intel_iommu=on' },
    roots,
    functions,
    iommus: [
      {
        name: 'dmar0',
        kind: 'vt-d',
        registers: { CAP_REG: '0xd2008c222f0606' },
        interruptRemapping: true,
        serves,
        source: 'benchmark',
      },
    ],
    msiControllers: [{ name: 'dmar0-ir', kind: 'vt-d-ir', doorbell: '0xfee00000', serves, source: 'benchmark' }],
  }
}

export const bench = () =>
  inFolder((folder) => {
    const rows = [1, 1250, 2500, 5000, 10000].map((size) => {
      const file = join(folder, `${size}.json`)
      writeFileSync(file, JSON.stringify(platform(size)))
      const ms = median(
        Array.from({ length: RUNS }, () => {
          const start = performance.now()
          const r = spawnSync(process.execPath, [cli, 'plan', file, '--json'], { maxBuffer: 1 << 28, encoding: 'utf8' })
          if (r.status !== 0)
            throw new Error(`plan of ${size} functions ended with ${r.status}: ${r.stdout.slice(0, 300)}${r.stderr}`)
          return performance.now() - start
        }),
      )
      return { functions: size, ms: Math.round(ms) }
    })
    const [base, , , half, full] = rows
    console.log('planner, whole process, synthetic platforms; the first row is start-up alone\n')
    for (const r of rows) console.log(`${String(r.functions).padStart(8)} functions  ${String(r.ms).padStart(7)} ms`)
    const exponent = Math.log2((full.ms - base.ms) / (half.ms - base.ms))
    console.log(
      `\ngrowth from 5,000 to 10,000 functions beyond start-up: exponent ${exponent.toFixed(2)} (1 is linear)`,
    )
  })
