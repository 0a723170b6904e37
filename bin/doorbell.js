#!/usr/bin/env node
'use strict'
const { existsSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

const built = join(__dirname, '../out/main')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`doorbell: Node 20.19 or newer is needed, this is ${process.versions.node}`)
  process.exitCode = 2
} else if (!existsSync(join(built, 'cli.js'))) {
  console.error('doorbell: not built yet; run: npm ci (or npm run build)')
  process.exitCode = 2
} else if (process.argv[2] === 'explore') void explore()
else void whole()

/** The short way, where that knows what to say. */
async function explore() {
  const { compiled } = require('./compiled.js')
  const code = await compiled(join(built, 'short.cjs')).exported.short(process.argv.slice(2))
  if (code === undefined) await whole()
  else process.exitCode = code
}

async function whole() {
  await import(pathToFileURL(join(built, 'cli.js')).href)
}
