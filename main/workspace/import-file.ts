/** One door for everything that can be imported: paths or bytes → what they are and the platform in them. */
import { open, readFile, stat } from 'node:fs/promises'
import { assert, err, fault, ok, type Result } from '../simulator/faults'
import { detectKind, isGzip, isTar, type FileKind } from '../simulator/firmware/detect'
import { archivesIn, captureRoot } from '../simulator/firmware/import'
import { importInputs, observationsIn, type Input, type Machine } from '../simulator/firmware/inputs'
import { isEmpty, type Observations } from '../simulator/platform/observations'
import type { Platform } from '../simulator/platform/schema'
import { readArchive } from './archive'
import { readDirectory } from './directory'
import { fileFault } from './tree-builder'

export interface Imported {
  readonly kind: FileKind
  readonly platform: Platform
  /** What the file says that a kernel did; no part of the platform. */
  readonly observations: Observations
}

/** Read but not yet understood: what may travel to the worker, where `understand` does the rest. */
export type Opened = WithoutName<Input>
type WithoutName<T> = T extends unknown ? Omit<T, 'name'> : never

export interface Source {
  /** A path, or what was read from it. */
  readonly source: string | Uint8Array
  /** What the user calls it. */
  readonly name: string
}

const HEAD = 65536
const TEXT_LIMIT = 32 * 1024 * 1024

/** `name` is what the user calls it: it is in every message and becomes the name of a capture's platform. */
export async function importFile(source: string | Uint8Array, name: string): Promise<Result<Imported>> {
  const opened = await openFile(source, name)
  return opened.ok ? understand(opened.value, name) : opened
}

/**
 * Several files about one machine, in any order. The first one gives the platform its name.
 * Faults: those of `openFile` and of `importInputs`.
 */
export async function importFiles(files: readonly Source[]): Promise<Result<Machine>> {
  assert(files.length > 0, 'there is a file to import')
  const inputs: Input[] = []
  for (const { source, name } of files) {
    const opened = await openFile(source, name)
    if (!opened.ok) return opened
    inputs.push({ ...opened.value, name })
  }
  return importInputs(inputs)
}

/** What a file says that a kernel did, to lay beside a platform. Faults: those of `openFile`, USAGE when it says nothing. */
export async function observeFile(source: string | Uint8Array, name: string): Promise<Result<Observations>> {
  const opened = await openFile(source, name)
  if (!opened.ok) return opened
  const seen = observationsIn({ ...opened.value, name })
  if (!isEmpty(seen)) return ok(seen)
  return err(
    fault('USAGE', `${name} does not say what a kernel did`, {
      file: name,
      hint: 'give a listing of /sys/kernel/iommu_groups, a boot log, or a capture that has them',
    }),
  )
}

/**
 * The part that touches the disk. A folder that is no capture but holds one archive stands for it. Faults: those of `readArchive`, FILE_KIND_UNKNOWN, FILE_TOO_LARGE.
 */
export async function openFile(source: string | Uint8Array, name: string): Promise<Result<Opened>> {
  try {
    if (typeof source === 'string' && (await stat(source)).isDirectory()) {
      const tree = await readDirectory(source, {}, name)
      if (!tree.ok) return tree
      const [archive = '', ...others] = captureRoot(tree.value) === undefined ? archivesIn(tree.value) : []
      const file = others.length === 0 ? tree.value.get(archive) : undefined
      if (file?.kind === 'file') return await openFile(file.bytes, `${name}/${archive}`)
      return ok({ kind: 'capture', tree: tree.value })
    }
    const head = typeof source === 'string' ? await readHead(source) : source.subarray(0, HEAD)
    const archive = isGzip(head) || isTar(head) || /\.(tar|tar\.gz|tgz)$/i.test(name)
    if (archive) {
      const tree = await readArchive(source, {}, name)
      return tree.ok ? ok({ kind: 'capture', tree: tree.value }) : tree
    }
    const size = typeof source === 'string' ? (await stat(source)).size : source.length
    if (size > TEXT_LIMIT)
      return err(
        fault('FILE_TOO_LARGE', `${name}: ${size} bytes, of a file that is no archive at most ${TEXT_LIMIT} are read`, {
          file: name,
        }),
      )
    const data = typeof source === 'string' ? await readFile(source) : source
    const kind = detectKind(data, name)
    if (!kind.ok) return kind
    assert(kind.value !== 'capture', 'archives are known by their first bytes or their name')
    return ok({ kind: kind.value, data })
  } catch (error) {
    return err(fileFault(error, name))
  }
}

/** The pure part. Faults: those of `importInputs`. */
export function understand(opened: Opened, name: string): Result<Imported> {
  const machine = importInputs([{ ...opened, name }])
  if (!machine.ok) return err({ file: name, ...machine.error })
  const { platform, observations } = machine.value
  return ok({ kind: opened.kind, platform, observations })
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD), 0, HEAD, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
