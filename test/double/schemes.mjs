/** protocol.*: custom schemes are hosted on a loopback HTTP server, a secure context, so that COOP and COEP count. */
import { createServer } from 'node:http'

const handlers = new Map()
const schemeOfHost = new Map()
let bridge

export const privileged = []

export const protocol = {
  registerSchemesAsPrivileged: (schemes) => void privileged.push(...schemes),
  handle: (scheme, handler) => void handlers.set(scheme, handler),
}

/** app://doorbell/index.html → http://127.0.0.1:PORT/index.html */
export async function hosted(url) {
  const { protocol: scheme, host, pathname, search, hash } = new URL(url)
  if (!handlers.has(scheme.slice(0, -1))) throw new Error(`no protocol handler for ${scheme}`)
  bridge ??= await listen()
  const address = `127.0.0.1:${bridge.address().port}`
  schemeOfHost.set(address, `${scheme}//${host}`)
  return `http://${address}${pathname}${search}${hash}`
}

/** The reverse, for the addresses that main code sees. */
export function asScheme(url) {
  if (!url.startsWith('http:')) return url
  const { host, pathname, search, hash } = new URL(url)
  const scheme = schemeOfHost.get(host)
  return scheme === undefined ? url : `${scheme}${pathname}${search}${hash}`
}

function listen() {
  const server = createServer(async (request, response) => {
    try {
      const base = schemeOfHost.get(request.headers.host)
      const handler = handlers.get(new URL(base).protocol.slice(0, -1))
      const answer = await handler(new Request(base + request.url, { method: request.method }))
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()))
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  server.unref()
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)))
}
