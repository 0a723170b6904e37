import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, BrowserContext } from 'playwright-core'
import { WebSocket } from 'ws'
import { decodeFrame, encodeFrame, SOCKET_PATH, type HostClient } from '../../preload/wire'
import { complaints, sharedBrowser } from './support/browser'
import { startServed, type ServedForTest } from './support/served'

let served: ServedForTest
beforeAll(async () => {
  served = await startServed()
})
afterAll(() => served.close())

/** Sends the path and the headers exactly as given. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: served.port, path, method, headers }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    request.on('error', reject).end()
  })
}
const pathOf = (link: string) => link.slice(served.origin.length)

describe('the link', () => {
  it('is exchanged once for a cookie that scripts and other sites cannot use, and leads to a clean address', async () => {
    const path = pathOf(served.link())
    expect((await ask(path, {}, 'HEAD')).status).toBe(403) // a preview does not use it up
    const first = await ask(path)
    expect(first.status).toBe(303)
    expect(first.headers.location).toBe('/')
    const [cookie = ''] = first.headers['set-cookie'] ?? []
    expect(cookie).toMatch(new RegExp(`^doorbell-${served.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`))
    expect((await ask(path)).status).toBe(403)
    expect((await ask(path, { Cookie: cookie.split(';')[0] ?? '' })).status).toBe(303)
    expect((await ask('/?token=' + 'A'.repeat(43))).status).toBe(403)
  })
})

describe('without the cookie', () => {
  it.each(['/', '/index.html', '/assets/', '/rpc', '/nothing'])('%s is refused, with words that help', async (path) => {
    const answer = await ask(path)
    expect(answer.status).toBe(403)
    expect(answer.body).toContain('Open the URL printed in the terminal')
    expect((await ask(path, { Cookie: `doorbell-${served.port}=guess` })).status).toBe(403)
  })
})

describe('with the cookie', () => {
  it('pages come with a strict policy and isolated', async () => {
    const { status, headers, body } = await ask('/', { Cookie: await served.cookie() })
    expect(status).toBe(200)
    expect(body).toContain('<div id="app">')
    const policy = headers['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toMatch(/script-src 'self';/)
    expect(policy).not.toMatch(/unsafe-eval|http:|\*/)
    expect(headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'x-content-type-options': 'nosniff',
    })
  })

  it('only our own names for this machine are served (DNS rebinding)', async () => {
    const Cookie = await served.cookie()
    expect((await ask('/', { Cookie, Host: `localhost:${served.port}` })).status).toBe(200)
    for (const Host of [
      `evil.example:${served.port}`,
      '127.0.0.1',
      `127.0.0.1:${served.port + 1}`,
      `[::1]:${served.port}`,
    ])
      expect((await ask('/', { Cookie, Host })).status, Host).not.toBe(200)
  })

  it('nothing but GET and HEAD, and no file outside the window’s folder', async () => {
    const Cookie = await served.cookie()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask('/', { Cookie }, method)).status).toBe(405)
    const up = [
      '/../../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/../../main/cli.js',
      '/..\\..\\package.json',
      '/%00',
      '/%',
    ]
    for (const path of up) {
      const { status, body } = await ask(path, { Cookie })
      expect([400, 404], path).toContain(status)
      expect(body).not.toContain('doorbell')
    }
  })
})

describe('the WebSocket', () => {
  const open = async (headers: Record<string, string>, path = SOCKET_PATH) => {
    const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`, { headers })
    const outcome = await new Promise<string>((resolve) => {
      socket.on('open', () => resolve('open'))
      socket.on('unexpected-response', (_request, response) => resolve(String(response.statusCode)))
      socket.on('error', (error) => resolve(error.message))
    })
    socket.terminate()
    return outcome
  }

  it('opens only for pages of ours in the browser that has the cookie', async () => {
    const Cookie = await served.cookie()
    const Origin = served.origin
    expect(await open({ Cookie, Origin })).toBe('open')
    expect(await open({ Origin })).toBe('403')
    expect(await open({ Cookie })).toBe('403')
    expect(await open({ Cookie, Origin: 'https://evil.example' })).toBe('403')
    expect(await open({ Cookie, Origin: 'null' })).toBe('403')
    expect(await open({ Cookie, Origin: `http://localhost:${served.port}` })).toBe('403') // another name than it asks under
    expect(
      await open({ Cookie, Origin: `http://evil.example:${served.port}`, Host: `evil.example:${served.port}` }),
    ).toBe('403')
    expect(await open({ Cookie, Origin }, '/elsewhere')).toBe('404')
  })

  it('answers malformed messages with a code, changes nothing, and goes on', async () => {
    const { client, socket } = await served.client()
    await client.call('document.write', { ref: { name: 'mine' }, text: 'doorbell: 1\n' })
    const { socket: raw } = await served.client()
    await once(raw, 'open')
    const answers: { kind: string; error?: { code: string } }[] = []
    raw.on('message', (data: ArrayBuffer) => {
      const frame = decodeFrame(new Uint8Array(data))
      const message = frame.ok ? (frame.value as (typeof answers)[number]) : undefined
      if (message?.kind === 'result') answers.push(message)
    })
    const write = (payload: unknown) => encodeFrame({ kind: 'call', id: 7, name: 'document.write', payload })
    raw.send('text, not a frame')
    raw.send(Buffer.from([1, 2, 3]))
    raw.send(write({ ref: { name: 'mine' }, text: 'lost' }).slice(0, 40))
    raw.send(encodeFrame({ kind: 'shutdown' }))
    raw.send(encodeFrame({ kind: 'call', id: 1, name: 'no.such.call', payload: {} }))
    raw.send(encodeFrame({ kind: 'call', id: 2, name: '__proto__', payload: {} }))
    raw.send(write({ ref: { name: 'mine' }, text: 42 }))
    raw.send(write({ ref: { name: '../mine' }, text: 'lost' }))
    await expect.poll(() => answers.length).toBe(8)
    expect(answers.map(({ error }) => error?.code)).toEqual([
      'BAD_MESSAGE',
      'BAD_MESSAGE',
      'BAD_MESSAGE',
      'BAD_MESSAGE',
      'NO_SUCH_CALL',
      'NO_SUCH_CALL',
      'BAD_REQUEST',
      'FILE_BAD_NAME',
    ])
    expect((await client.call('document.list', {})).documents.map(({ name }) => name)).toEqual(['mine.yaml'])
    expect((await client.call('document.read', { name: 'mine' })).text).toBe('doorbell: 1\n')
    raw.terminate()
    socket.close()
  })

  it('ends a connection that sends a frame over the limit, and serves the others', async () => {
    const { client, socket } = await served.client()
    const { socket: greedy } = await served.client()
    await once(greedy, 'open')
    greedy.on('error', () => undefined)
    greedy.send(new Uint8Array(33 * 1024 * 1024))
    await once(greedy, 'close')
    expect((await client.call('app.info', {})).host).toBe('served')
    socket.close()
  })
})

describe('a capture of a machine', () => {
  it('goes up in pieces, becomes a platform, and a scenario is placed on it', async () => {
    const { client, socket } = await served.client()
    const bytes = readFileSync(resolve(import.meta.dirname, '../fixtures/captures/x86-6.12-scalable-q7/capture.tar.gz'))
    const { upload } = await client.call('upload.begin', { name: 'lab-7.tar.gz', size: bytes.length })
    for (let offset = 0; offset < bytes.length; offset += 16384) {
      const piece = new Uint8Array(bytes.subarray(offset, offset + 16384))
      const { received } = await client.call('upload.piece', { upload, offset, bytes: piece })
      expect(received).toBe(Math.min(bytes.length, offset + 16384))
    }
    const stages: string[] = []
    const { imported, platform } = await client.call(
      'platform.import',
      { upload },
      { onProgress: ({ stage }) => stages.push(stage) },
    )
    expect(imported).toBe('lab-7')
    expect(stages).toEqual(['reading', 'keeping'])
    expect((await client.call('platform.list', {})).imported).toEqual(['lab-7'])
    expect((await client.call('platform.read', { imported })).platform).toEqual(platform)
    await expect(client.call('platform.import', { upload })).rejects.toMatchObject({ code: 'BAD_REQUEST' })

    const under = platform.functions.find(({ express }) => express?.type === 'endpoint')?.bdf ?? ''
    const { id, text } = await client.call('scenario.read', { id: 'idxd-vsvm-late' })
    const placed = await client.call('scenario.place', {
      name: id,
      text,
      device: 'vdev0',
      under,
      platform: { imported },
    })
    const { problems, view } = await client.call('scenario.check', { name: id, text: placed.text })
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(view?.platform?.name).toBe(platform.name)
    expect(view?.devices).toMatchObject([{ id: 'vdev0', under }])
    expect((await client.call('explore.start', { name: id, text: placed.text })).complete).toBe(true)
    const step = await client.call('step.at', { name: id, text: placed.text, choices: [0] })
    expect(step.trace.states).toBeInstanceOf(Int32Array)
    socket.close()
  })

  it('that is not on this disk is not read by its path', async () => {
    const { client, socket } = await served.client()
    const { id, text } = await client.call('scenario.read', { id: 'idxd-vsvm-late' })
    const named = text.replace(/^platform: .*$/m, 'platform: { file: /etc/passwd }')
    const { problems } = await client.call('scenario.check', { name: id, text: named })
    expect(problems).toMatchObject([{ code: 'PLATFORM_UNKNOWN', hint: /imported/ }])
    socket.close()
  })
})

describe('a long exploration', () => {
  const long = async (client: HostClient) => {
    const { id, text } = await client.call('scenario.read', { id: 'idxd-vsvm-scaled' })
    return { name: id, text, options: { scale: { vectors: 3, devices: 2 }, reduce: false, symmetry: false } } // hundreds of millions of states
  }

  it('reports at least five times a second, and is cancelled within 50 ms with what was covered', async () => {
    const { client, socket } = await served.client()
    const request = await long(client)
    const times: { cancelled: number; elapsed: number }[] = []
    for (let attempt = 0; attempt < 20; attempt++) {
      const abort = new AbortController()
      let reports = 0
      let aborted = 0
      const onProgress = () => {
        if (++reports < 6) return
        aborted ||= performance.now()
        abort.abort()
      }
      const result = await client.call('explore.start', request, { signal: abort.signal, onProgress })
      const cancelled = performance.now() - aborted
      expect(result).toMatchObject({ complete: false, stopped: 'cancelled' })
      times.push({ cancelled, elapsed: result.elapsedMs })
      if (cancelled < 50 && result.elapsedMs < 6 * 200) break
    }
    // Other work on the machine may delay some attempts.
    expect(times.at(-1)?.cancelled).toBeLessThan(50)
    expect(times.at(-1)?.elapsed).toBeLessThan(6 * 200)
    socket.close()
  })

  it('whose worker is killed fails with a code; the window is told, documents stay, and it can be started again', async () => {
    const { client, socket } = await served.client()
    const states: string[] = []
    client.on('worker.state', ({ state }) => states.push(state))
    await client.call('document.write', { ref: { name: 'kept' }, text: 'doorbell: 1\n' })
    const request = await long(client)
    const onProgress = () => void served.worker().terminate()
    await expect(client.call('explore.start', request, { onProgress })).rejects.toMatchObject({ code: 'WORKER_DIED' })
    await expect.poll(() => states.at(-1)).toBe('ready')
    expect(states).toContain('restarting')
    expect((await client.call('app.info', {})).worker).toMatchObject({ state: 'ready', restarts: 1 })
    const { name, text } = request
    expect(await client.call('explore.start', { name, text })).toMatchObject({ complete: true })
    expect((await client.call('document.read', { name: 'kept' })).text).toBe('doorbell: 1\n')
    socket.close()
  })

  it('ends when its window is closed', async () => {
    const { client, socket } = await served.client()
    const request = await long(client)
    const call = client.call('explore.start', request, { onProgress: () => socket.close() })
    await expect(call).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
    await expect.poll(() => served.host.worker.state.state).toBe('ready') // no longer busy
  })
})

describe('in a browser', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await sharedBrowser()
  })
  const opened: BrowserContext[] = []
  const newContext = async (): Promise<BrowserContext> => {
    const context = await browser.newContext()
    opened.push(context)
    return context
  }
  afterAll(() => Promise.all(opened.map((context) => context.close())))

  it('the link opens the workbench; reload and a second tab work; another browser is refused', async () => {
    const context = await newContext()
    const page = await context.newPage()
    const wrong = complaints(page)
    const link = served.link()
    await page.goto(link)
    expect(page.url()).toBe(`${served.origin}/`)
    const mounted = () => page.locator('#app > *').first().waitFor()
    await mounted()
    expect(await page.evaluate(() => window.crossOriginIsolated)).toBe(true)
    await page.reload()
    await mounted()
    const second = await context.newPage()
    await second.goto(served.origin)
    await second.locator('#app > *').first().waitFor()
    expect(wrong).toEqual([])

    const stranger = await (await newContext()).newPage()
    const refused = await stranger.goto(link)
    expect(refused?.status()).toBe(403)
    expect(await stranger.textContent('body')).toContain('Open the URL printed in the terminal')
  })

  it('the link also works when it is followed from a page of another site', async () => {
    const elsewhere = createServer((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end(`<a href="${served.link()}">open</a>`),
    ).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const page = await (await newContext()).newPage()
    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`) // localhost and 127.0.0.1 are two sites
    await page.getByText('open').click()
    await page.locator('#app > *').first().waitFor()
    expect(page.url()).toBe(`${served.origin}/`)
    elsewhere.close()
  })

  it('a page of another site can neither read nor connect', async () => {
    const context = await newContext()
    await (await context.newPage()).goto(served.link())
    const elsewhere = createServer((_request, response) => response.end('elsewhere')).listen(0, '127.0.0.1')
    await once(elsewhere, 'listening')
    const page = await context.newPage()
    await page.goto(`http://localhost:${(elsewhere.address() as AddressInfo).port}/`)
    const outcome = await page.evaluate(async (origin) => {
      const read = await fetch(origin, { credentials: 'include' }).then(
        () => 'read',
        () => 'blocked',
      )
      const socket = new globalThis.WebSocket(`${origin.replace('http', 'ws')}/rpc`)
      const connect = await new Promise((resolve) => {
        socket.onopen = () => resolve('open')
        socket.onerror = () => resolve('refused')
      })
      return { read, connect }
    }, served.origin)
    expect(outcome).toEqual({ read: 'blocked', connect: 'refused' })
    elsewhere.close()
  })
})
