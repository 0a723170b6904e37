/** A capture that was unpacked already: a folder on disk → the same tree as from its archive, under the same limits. */
import { constants, type Stats } from 'node:fs'
import { lstat, open, opendir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'
import type { FileTree } from '../simulator/firmware/tree'
import { DEFAULT_LIMITS, Refusal, TreeBuilder, fileFault, type Limits } from './tree-builder'

/** Faults as those of `readArchive`. Links are read as text and never followed, so nothing outside the folder is touched. */
export async function readDirectory(
  folder: string,
  limits: Partial<Limits> = {},
  name = folder,
): Promise<Result<FileTree>> {
  const reader = new FolderReader({ ...DEFAULT_LIMITS, ...limits })
  try {
    await reader.read(folder, '')
    return ok(reader.tree.finish())
  } catch (error) {
    if (error instanceof Refusal) return err(fault(error.code, `${name}: ${error.message}`, { file: name }))
    return err(fileFault(error, name))
  }
}

class FolderReader {
  readonly tree: TreeBuilder
  private total = 0

  constructor(private readonly limits: Limits) {
    this.tree = new TreeBuilder(limits)
  }

  async read(folder: string, path: string): Promise<void> {
    const names: string[] = []
    for await (const entry of await opendir(folder)) {
      names.push(entry.name)
      if (names.length > this.limits.members)
        throw new Refusal('ARCHIVE_TOO_MANY_MEMBERS', `more than ${this.limits.members} members`)
    }
    for (const name of names.sort()) await this.readEntry(join(folder, name), path === '' ? name : `${path}/${name}`)
  }

  private async readEntry(disk: string, path: string): Promise<void> {
    const status = await lstat(disk)
    const isLink = status.isSymbolicLink()
    const linkname = isLink ? await readlink(disk) : undefined
    const type = typeOf(status)
    const refusal = this.tree.admit({ name: path, type, linkname, size: type === 'file' ? status.size : 0 })
    if (refusal) throw refusal
    if (type === 'directory') await this.read(disk, path)
    else this.tree.add({ name: path, type, linkname }, isLink ? [] : [await this.readFile(disk, path)])
  }

  /** Reads at most the limit, whatever the size was said to be: files of sysfs say 4096 and hold less or more. */
  private async readFile(disk: string, path: string): Promise<Uint8Array> {
    const file = await open(disk, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const chunks: Uint8Array[] = []
      let size = 0
      for (;;) {
        const { bytesRead, buffer } = await file.read(new Uint8Array(65536), 0, 65536)
        if (bytesRead === 0) return Buffer.concat(chunks)
        size += bytesRead
        this.total += bytesRead
        const refusal = this.tree.admitSize(path, size)
        if (refusal) throw refusal
        this.tree.checkTotal(this.total)
        chunks.push(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  }
}

/** tar's words, so that both readers refuse the same things; undefined for sockets. */
function typeOf(status: Stats): 'file' | 'directory' | 'symlink' | 'character-device' | 'block-device' | 'fifo' | null {
  if (status.isFile()) return 'file'
  if (status.isDirectory()) return 'directory'
  if (status.isSymbolicLink()) return 'symlink'
  if (status.isCharacterDevice()) return 'character-device'
  if (status.isBlockDevice()) return 'block-device'
  return status.isFIFO() ? 'fifo' : null
}
