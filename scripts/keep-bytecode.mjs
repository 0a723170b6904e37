/** `node scripts/keep-bytecode.mjs FILE`: runs what cold explorations run, and keeps the bytecode of it beside FILE. */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { bytecodeOf, compiled } = createRequire(import.meta.url)('../bin/compiled.js')

const [, , file] = process.argv
const { exported, keep } = compiled(file)
const silent = { out: () => {}, err: () => {}, errIsTerminal: false, columns: undefined, onInterrupt: () => () => {} }
for (const id of ['ims-family-late', 'ims-family-nodrain', 'ims-family-safe'])
  await exported.short(['explore', id, '--scale', 'devices=2,vectors=2,descriptors=1', '--json'], silent)
writeFileSync(bytecodeOf(file), keep())
