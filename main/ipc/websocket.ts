/** The served workbench's transport: one WebSocket a page, after its Host, Origin and cookie were checked. */
import { STATUS_CODES, type IncomingMessage, type Server as HttpServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { MAX_FRAME, SOCKET_PATH, socketCarrier, type Events, type Server } from '../../preload/wire'
import type { Access } from './access'

/** Sockets that may be open at once: more tabs than anyone has, and few enough to bound memory. */
const MAX_SOCKETS = 64

function refuse(socket: Duplex, status: number, why: string): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n`
  socket.end(`${head}Content-Length: ${Buffer.byteLength(why)}\r\n\r\n${why}`)
}

export function serveWebSocket<E extends Events>(
  http: HttpServer,
  access: Access,
  server: Server<E>,
): { close(): void } {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME,
    clientTracking: true,
    perMessageDeflate: false,
  })

  function problem({ url, headers }: IncomingMessage): [status: number, why: string] | undefined {
    if (!access.hostAllowed(headers)) return [403, 'this address is not served here\n']
    if (new URL(url ?? '/', 'http://x').pathname !== SOCKET_PATH) return [404, 'not found\n']
    if (!access.originAllowed(headers)) return [403, 'only pages of this workbench may connect\n']
    if (!access.hasCookie(headers)) return [403, 'open the URL printed in the terminal first\n']
    if (sockets.clients.size >= MAX_SOCKETS) return [503, 'too many connections\n']
    return undefined
  }

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const wrong = problem(request)
    if (wrong) return refuse(socket, ...wrong)
    sockets.handleUpgrade(request, socket, head, (ws) => {
      ws.on('error', () => ws.terminate()) // such as a frame over the limit: ws has already sent the close code
      server.connect(socketCarrier(ws))
    })
  })

  return {
    close() {
      for (const ws of sockets.clients) ws.terminate()
      sockets.close()
    },
  }
}
