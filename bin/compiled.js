/**
 * Runs a CommonJS file out of the bytecode that the build kept of it: for a command of a tenth of a second, compiling is
 * a good part. V8 takes bytecode only for the version, the flags and the length of source that it was made with; whose
 * source it is, its first line says. Where there is none that fits, the source is compiled as ever.
 */
'use strict'
const { readFileSync } = require('node:fs')
const { dirname } = require('node:path')
const { setFlagsFromString } = require('node:v8')
const { Script } = require('node:vm')

/** Bytes of a SHA-256, in hex: the bundle's first line is `//` and this many, and so the bytecode begins. */
const DIGEST = 64

/**
 * Most commands are over before optimised code pays for the making of it, or a larger heap for the first touch of its
 * pages. V8's own budget (bytes of bytecode until a function is looked at) is a sixtieth of this. A V8 that does not know
 * a flag complains on standard error, so only those get them that are known to have them.
 */
const FLAGS_OF_V8 = [11, 12, 13]
const FLAGS = ['--interrupt-budget=4000000', '--no-parallel-scavenge', '--semi-space-growth-factor=1']

/** The name of the file with the bytecode of another. */
const bytecodeOf = (file) => `${file}.bytecode`

/** What the file exports; `keep()` gives its bytecode, with all that has been called so far. `accepted`: the kept one was. */
function compiled(file) {
  if (FLAGS_OF_V8.includes(parseInt(process.versions.v8, 10))) for (const flag of FLAGS) setFlagsFromString(flag)
  const source = readFileSync(file, 'latin1') // the build leaves ASCII alone in it
  const digest = source.slice(2, 2 + DIGEST)
  const kept = read(bytecodeOf(file))
  const fits = kept !== undefined && kept.toString('latin1', 0, DIGEST) === digest
  const cachedData = fits ? kept.subarray(DIGEST) : undefined
  const wrapped = `(function (exports, require, __filename, __dirname) {${source}\n})`
  const script = new Script(wrapped, { filename: file, ...(cachedData ? { cachedData } : {}) })
  const exported = {}
  script.runInThisContext()(exported, require, file, dirname(file))
  return {
    exported,
    accepted: cachedData !== undefined && script.cachedDataRejected === false,
    keep: () => Buffer.concat([Buffer.from(digest, 'latin1'), script.createCachedData()]),
  }
}

function read(file) {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

module.exports = { bytecodeOf, compiled }
