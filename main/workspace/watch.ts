/** Notices that files were changed by somebody else: an editor, git, a sync. Says only that something happened, not what. */
import { watch, type FSWatcher } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Milliseconds of quiet after which a change is told: programs write a file in several steps. */
const QUIET = 120

export interface Watcher {
  /** All of a folder; told with the file's name. Does nothing where the folder is not there yet: ask again later. */
  folder(path: string, told: (name: string) => void): void
  /** One file, through its folder: replaced files (a rename over them) would be lost otherwise. */
  file(path: string, told: () => void): void
  close(): void
}

export function createWatcher(): Watcher {
  const folders = new Map<string, { watcher: FSWatcher; told: Map<string, (name: string) => void> }>()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()

  function listen(folder: string, id: string, told: (name: string) => void): void {
    const known = folders.get(folder)
    if (known) return void known.told.set(id, told)
    try {
      const listeners = new Map([[id, told]])
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || name.endsWith('.tmp')) return
        const key = `${folder}/${name}`
        clearTimeout(timers.get(key))
        timers.set(
          key,
          setTimeout(() => {
            timers.delete(key)
            for (const tell of listeners.values()) tell(name)
          }, QUIET),
        )
      })
      // The folder was taken away; whoever opens a document in it next has it watched again.
      watcher.on('error', () => {
        watcher.close()
        folders.delete(folder)
      })
      folders.set(folder, { watcher, told: listeners })
    } catch {
      // It is not there, or the system has no watches left: saving still notices (FILE_CHANGED).
    }
  }

  return {
    folder: (path, told) => listen(path, '', told),
    file(path, told) {
      const own = basename(path)
      listen(dirname(path), own, (name) => void (name === own && told()))
    },
    close() {
      for (const { watcher } of folders.values()) watcher.close()
      for (const timer of timers.values()) clearTimeout(timer)
      folders.clear()
    },
  }
}
