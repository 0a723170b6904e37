/** Which sources does out/ come from? A digest of everything that the build reads, kept in out/stamp.json. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['main', 'preload', 'renderer', 'resources/scenarios']
const FILES = [
  ...['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json'],
  ...['scripts/catalogue.ts', 'scripts/short-way.mjs', 'scripts/keep-bytecode.mjs', 'bin/compiled.js'],
]
const NOT_BUILT = /\.test\.ts$/

/**
 * @param {string} root folder of package.json
 * @returns {string} hex digest over path and contents of every source, in order of path
 */
export function sourceDigest(root) {
  const files = [...FILES]
  for (const folder of FOLDERS) {
    if (!existsSync(join(root, folder))) continue
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && !NOT_BUILT.test(entry.name))
        files.push(join(entry.parentPath, entry.name).slice(root.length + 1))
    }
  }
  const hash = createHash('sha256')
  for (const file of files.map((f) => f.replaceAll('\\', '/')).sort()) {
    if (!existsSync(join(root, file))) continue
    const body = readFileSync(join(root, file))
    hash.update(`${file}\0${body.length}\0`).update(body)
  }
  return hash.digest('hex')
}

/**
 * @param {string} root folder of package.json
 * @param {string} digest
 */
export function writeStamp(root, digest) {
  mkdirSync(join(root, 'out'), { recursive: true })
  writeFileSync(join(root, 'out/stamp.json'), JSON.stringify({ digest }) + '\n')
}

/**
 * @param {string} root folder of package.json
 * @returns {boolean} true when out/ was built from exactly these sources
 */
export function isFresh(root) {
  try {
    return JSON.parse(readFileSync(join(root, 'out/stamp.json'), 'utf8')).digest === sourceDigest(root)
  } catch {
    return false
  }
}
