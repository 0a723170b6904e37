/** One door for everything that can be imported: a path or bytes → what it is and the platform in it. */
import { open, readFile, stat } from 'node:fs/promises'
import { err, fault, ok, type Result } from '../simulator/faults'
import { detectKind, type FileKind } from '../simulator/firmware/detect'
import { importCapture } from '../simulator/firmware/import'
import type { FileTree } from '../simulator/firmware/tree'
import { parsePlatform } from '../simulator/platform/file'
import type { Platform } from '../simulator/platform/schema'
import { readArchive } from './archive'
import { readDirectory } from './directory'
import { fileFault } from './tree-builder'

export interface Imported {
  readonly kind: FileKind
  readonly platform: Platform
}

/** Read but not yet understood: what may travel to the worker, where `understand` does the rest. */
export type Opened =
  { readonly kind: 'capture'; readonly tree: FileTree } | { readonly kind: 'platform'; readonly text: string }

const HEAD = 65536
const PLATFORM_LIMIT = 32 * 1024 * 1024

/** `name` is what the user calls it: it is in every message and becomes the name of a capture's platform. */
export async function importFile(source: string | Uint8Array, name: string): Promise<Result<Imported>> {
  const opened = await openFile(source, name)
  return opened.ok ? understand(opened.value, name) : opened
}

/** The part that touches the disk. Faults: those of `readArchive`, FILE_KIND_UNKNOWN, FILE_TOO_LARGE. */
export async function openFile(source: string | Uint8Array, name: string): Promise<Result<Opened>> {
  try {
    if (typeof source === 'string' && (await stat(source)).isDirectory()) {
      const tree = await readDirectory(source, {}, name)
      return tree.ok ? ok({ kind: 'capture', tree: tree.value }) : tree
    }
    const kind = detectKind(typeof source === 'string' ? await readHead(source) : source.subarray(0, HEAD), name)
    if (!kind.ok) return kind
    if (kind.value === 'capture') {
      const tree = await readArchive(source, {}, name)
      return tree.ok ? ok({ kind: 'capture', tree: tree.value }) : tree
    }
    const size = typeof source === 'string' ? (await stat(source)).size : source.length
    if (size > PLATFORM_LIMIT)
      return err(
        fault('FILE_TOO_LARGE', `${name}: ${size} bytes, a platform file has at most ${PLATFORM_LIMIT}`, {
          file: name,
        }),
      )
    const bytes = typeof source === 'string' ? await readFile(source) : source
    return ok({ kind: 'platform', text: new TextDecoder().decode(bytes) })
  } catch (error) {
    return err(fileFault(error, name))
  }
}

/** The pure part. Faults: CAPTURE_EMPTY, CAPTURE_NO_PCI, PLATFORM_INVALID. */
export function understand(opened: Opened, name: string): Result<Imported> {
  const platform = opened.kind === 'capture' ? importCapture(opened.tree, name) : parsePlatform(opened.text, name)
  return platform.ok ? ok({ kind: opened.kind, platform: platform.value }) : err({ file: name, ...platform.error })
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
