/** One host a workspace: two that write the same journals would tear each other's apart. */
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { err, fault, ok, type Result } from '../simulator/faults'

export interface Lock {
  release(): Promise<void>
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process: alive all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A host that was killed leaves its lock behind, with the number of a process that is no more. Errors: WORKSPACE_BUSY. */
export async function lockWorkspace(state: string): Promise<Result<Lock>> {
  const path = join(state, 'host.lock')
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await mkdir(state, { recursive: true })
      const file = await open(path, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      return ok({ release: () => rm(path, { force: true }) })
    } catch {
      const holder = Number(await readFile(path, 'utf8').catch(() => ''))
      if (Number.isInteger(holder) && holder > 0 && isAlive(holder))
        return err(
          fault('WORKSPACE_BUSY', `another Doorbell (process ${holder}) has this workspace open`, {
            hint: 'work there, or save often: here nothing is kept between saves',
          }),
        )
      await rm(path, { force: true }).catch(() => undefined)
    }
  }
  return err(
    fault('WORKSPACE_BUSY', `${state} cannot be written`, { hint: 'save often: nothing is kept between saves' }),
  )
}
