/** The built workbench, served inside the test's own process, so that a test can also kill its worker. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { calls, events } from '../../../preload/contract'
import { createClient, socketCarrier, SOCKET_PATH, type HostClient } from '../../../preload/wire'
import type { Served } from '../../../main/serve'

const built = (file: string) => pathToFileURL(resolve(import.meta.dirname, '../../../out/main', file))

export interface ServedForTest extends Served {
  /** Its documents and imported platforms. */
  readonly home: string
  /** The thread that runs now. */
  worker(): Worker
  /** Redeems a link as a browser would: the value of a Cookie header. */
  cookie(): Promise<string>
  /** A client of the contract over a WebSocket of its own. */
  client(): Promise<{ client: HostClient; socket: WebSocket }>
}

export async function startServed(): Promise<ServedForTest> {
  const { startServer } = (await import(built('serve.js').href)) as typeof import('../../../main/serve')
  const home = mkdtempSync(join(tmpdir(), 'doorbell-e2e-'))
  process.env['DOORBELL_HOME'] = home
  const workers: Worker[] = []
  const started = await startServer({
    spawn() {
      const worker = new Worker(built('worker.js'))
      workers.push(worker)
      return worker
    },
    log: () => undefined,
  })
  if (!started.ok) throw new Error(started.error.message)
  const served = started.value

  async function cookie(): Promise<string> {
    const answer = await fetch(served.link(), { redirect: 'manual' })
    const [pair = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
    return pair
  }
  return {
    ...served,
    home,
    cookie,
    worker() {
      const worker = workers.at(-1)
      if (!worker) throw new Error('no worker was started')
      return worker
    },
    async client() {
      const socket = new WebSocket(`ws://127.0.0.1:${served.port}${SOCKET_PATH}`, {
        headers: { Cookie: await cookie(), Origin: served.origin },
      })
      return { socket, client: createClient(calls, events)(socketCarrier(socket), { log: () => undefined }) }
    },
    async close() {
      await served.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
