/** The workbench for a browser on this machine: pages and WebSocket on 127.0.0.1, behind a link that works once. */
import { existsSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { SOCKET_PATH } from '../preload/wire'
import { createAccess, type Access } from './ipc/access'
import { createHost, type Host, type HostOptions } from './ipc/host'
import { readPage, securityHeaders } from './ipc/pages'
import { serveWebSocket } from './ipc/websocket'
import { err, fault, ok, type Result } from './simulator/faults'
import { spawnWorker } from './worker/spawn'
import { importFile } from './workspace/import-file'
import { packageFolder } from './workspace/root'

export interface ServeOptions extends Partial<Omit<HostOptions, 'kind'>> {
  /** 0: any free one. */
  readonly port?: number
  /** Folder of the built window. */
  readonly pages?: string
}

export interface Served {
  /** http://127.0.0.1:PORT */
  readonly origin: string
  readonly port: number
  readonly host: Host
  /** A link for one browser; it works once. */
  link(): string
  close(): Promise<void>
}

const HELP = `This is Doorbell, and it does not know this browser.

Open the URL printed in the terminal where it was started. That link works once, in one browser;
afterwards reload and further tabs work there by themselves. Press Enter in that terminal for a new link.
`

/** Errors: USAGE when the port cannot be had, FILE_NOT_FOUND when the window was not built. */
export async function startServer({
  port = 0,
  pages = join(packageFolder(), 'out/renderer'),
  ...options
}: ServeOptions = {}): Promise<Result<Served>> {
  if (!existsSync(join(pages, 'index.html')))
    return err(fault('FILE_NOT_FOUND', 'the window has not been built', { hint: 'run: npm run build' }))
  const http = createServer()
  const listening = await new Promise<NodeJS.ErrnoException | undefined>((done) => {
    http.once('error', done)
    http.listen(port, '127.0.0.1', () => done(undefined))
  })
  if (listening)
    return err(
      fault('USAGE', `port ${port} on 127.0.0.1 cannot be used: ${listening.code}`, {
        hint: 'without --port a free one is taken',
      }),
    )

  const bound = (http.address() as AddressInfo).port
  const origin = `http://127.0.0.1:${bound}`
  const access = createAccess(bound)
  const host = createHost({ spawn: spawnWorker, importFile, ...options, kind: 'served' })
  const sockets = serveWebSocket(http, access, host.server)
  const headers = securityHeaders([`ws://127.0.0.1:${bound}`, `ws://localhost:${bound}`])
  http.on('request', (request, response) => {
    answer(request, response, access, pages, headers).catch((error: unknown) => {
      console.error('doorbell: request failed:', error)
      response.destroy()
    })
  })
  return ok({
    origin,
    port: bound,
    host,
    link: () => `${origin}/?token=${access.issue()}`,
    async close() {
      sockets.close()
      await host.close()
      http.closeAllConnections()
      await new Promise((done) => http.close(done))
    },
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  access: Access,
  pages: string,
  headers: Record<string, string>,
): Promise<void> {
  const send = (status: number, type: string, body: string | Uint8Array, more: Record<string, string> = {}) =>
    void response
      .writeHead(status, { ...headers, 'Content-Type': type, 'Cache-Control': 'no-store', ...more })
      .end(request.method === 'HEAD' ? undefined : body)
  const plain = 'text/plain; charset=utf-8'

  if (!access.hostAllowed(request.headers)) return send(403, plain, 'This address is not served here.\n')
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(405, plain, 'Only GET and HEAD.\n', { Allow: 'GET, HEAD' })
  let url: URL
  try {
    url = new URL(request.url ?? '/', 'http://127.0.0.1')
  } catch {
    return send(400, plain, 'bad path\n')
  }
  const token = url.searchParams.get('token')
  if (token !== null && url.pathname === '/' && request.method === 'GET') {
    if (access.redeem(token)) return send(303, plain, '', { Location: '/', 'Set-Cookie': access.setCookie })
    // The same link again, in the browser that already used it: nothing to complain about.
    if (access.hasCookie(request.headers)) return send(303, plain, '', { Location: '/' })
  }
  if (!access.hasCookie(request.headers)) {
    // A link followed from a page elsewhere (a terminal in a browser, say): SameSite=Strict holds the cookie back on that
    // very navigation, also after the redirect. A refresh begins on our own page, and carries it.
    const again = url.pathname === '/' && request.headers['sec-fetch-site'] === 'cross-site'
    return send(403, plain, HELP, again ? { Refresh: '0; url=/' } : {})
  }
  if (url.pathname === SOCKET_PATH) return send(426, plain, 'WebSocket only\n', { Upgrade: 'websocket' })
  const page = await readPage(pages, url.pathname)
  send(page.status, page.type, page.body, { 'Cache-Control': page.cache })
}
