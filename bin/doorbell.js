#!/usr/bin/env node
import { existsSync } from 'node:fs'

const built = new URL('../out/main/cli.js', import.meta.url)
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`doorbell: Node 20.19 or newer is needed, this is ${process.versions.node}`)
  process.exitCode = 2
} else if (!existsSync(built)) {
  console.error('doorbell: not built yet; run: npm ci (or npm run build)')
  process.exitCode = 2
} else {
  await import(built.href)
}
