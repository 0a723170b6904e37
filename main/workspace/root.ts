/** Where this copy of Doorbell lies: its package folder, found from any file inside it (sources, out/, a bundled chunk). */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert } from '../simulator/faults'

let found: { folder: string; version: string } | undefined

function find(): { folder: string; version: string } {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const own = readPackage(join(folder, 'package.json'))
    if (own?.name === 'doorbell') return { folder, version: own.version }
    assert(dirname(folder) !== folder, 'this file lies inside the doorbell package')
  }
}

function readPackage(file: string): { name: string; version: string } | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string }
  } catch {
    return undefined
  }
}

/** Folder of package.json, with out/ and resources/ in it. */
export const packageFolder = (): string => (found ??= find()).folder
export const packageVersion = (): string => (found ??= find()).version
