/** The window's files (out/renderer) and the headers that every page of ours carries, for app:// and for http alike. */
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/**
 * `sockets`: WebSocket origins that the page may connect to besides its own.
 * Inline styles are Monaco's (it writes its theme and its lines' positions so); workers from blobs are the layout engine's.
 */
export function securityHeaders(sockets: readonly string[] = []): Record<string, string> {
  const csp = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "worker-src 'self' blob:",
    ['connect-src', "'self'", ...sockets].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ]
  return {
    'Content-Security-Policy': csp.join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Embedder-Policy': 'require-corp',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }
}

export interface Page {
  readonly status: number
  readonly type: string
  readonly body: Uint8Array<ArrayBuffer>
  /** File names with a digest in them never change. */
  readonly cache: string
}

const text = (status: number, body: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  body: new TextEncoder().encode(body),
  cache: 'no-store',
})

/** The file that a URL path means, below `folder` and nowhere else; `/` is index.html. */
export async function readPage(folder: string, pathname: string): Promise<Page> {
  let path: string
  try {
    path = decodeURIComponent(pathname)
  } catch {
    return text(400, 'bad path\n')
  }
  if (path.includes('\0') || path.includes('\\') || path.split('/').includes('..')) return text(400, 'bad path\n')
  const file = join(folder, path === '/' ? 'index.html' : path)
  try {
    const [root, real] = await Promise.all([realpath(folder), realpath(file)])
    if (!real.startsWith(root + sep)) return text(404, 'not found\n') // a link that leads out
    const type = TYPES[extname(real).toLowerCase()] ?? 'application/octet-stream'
    const cache = path.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store'
    return { status: 200, type, body: new Uint8Array(await readFile(real)), cache }
  } catch {
    return text(404, 'not found\n')
  }
}
