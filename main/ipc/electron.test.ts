import { EventEmitter } from 'node:events'
import type { IpcMain, WebContents } from 'electron'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { CHANNEL } from '../../preload/channels'
import { createServer } from '../../preload/wire'
import { ok } from '../simulator/faults'
import { serveElectron } from './electron'

const calls = { echo: { req: z.object({ text: z.string() }), res: z.object({ text: z.string() }) } } as const

function setUp() {
  const ipcMain = new EventEmitter()
  const sender = Object.assign(new EventEmitter(), { id: 1, isDestroyed: () => false, send: vi.fn() })
  const handled = vi.fn((request: { text: string }) => Promise.resolve(ok(request)))
  const server = createServer(calls, {})({ echo: handled })
  serveElectron(ipcMain as unknown as IpcMain, server, (url) => url.startsWith('app://doorbell/'))
  const frame = { url: 'app://doorbell/index.html', parent: null }
  const say = (channel: string, args: unknown[], senderFrame: unknown = frame) =>
    ipcMain.emit(channel, { sender: sender as unknown as WebContents, senderFrame }, ...args)
  const call = { kind: 'call', id: 1, name: 'echo', payload: { text: 'hello' } }
  return { server, sender, say, handled, call }
}

it('a page of ours is answered, under its own session', async () => {
  const { sender, say, call } = setUp()
  say(CHANNEL.open, ['session-a'])
  say(CHANNEL.toHost, ['session-a', call])
  await vi.waitFor(() => expect(sender.send).toHaveBeenCalledOnce())
  const result = { kind: 'result', id: 1, ok: true, value: { text: 'hello' } }
  expect(sender.send).toHaveBeenCalledWith(CHANNEL.toPage, 'session-a', result)
})

it.each([
  ['a page from elsewhere', { url: 'https://example.invalid/', parent: null }],
  ['an address that only begins like ours', { url: 'app://doorbell.example/', parent: null }],
  ['a frame inside our page', { url: 'app://doorbell/index.html', parent: {} }],
  ['a frame that is gone', null],
])('%s is not heard', async (_what, frame) => {
  const refused = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const { server, sender, say, handled, call } = setUp()
  say(CHANNEL.open, ['session-a'], frame)
  expect(server.connections).toBe(0)
  say(CHANNEL.open, ['session-a'])
  say(CHANNEL.toHost, ['session-a', call], frame)
  await Promise.resolve()
  expect(handled).not.toHaveBeenCalled()
  expect(sender.send).not.toHaveBeenCalled()
  expect(refused).toHaveBeenCalledTimes(2)
  refused.mockRestore()
})

it('a reload ends the page before it: its messages and answers go nowhere', async () => {
  const { server, sender, say, handled, call } = setUp()
  say(CHANNEL.open, ['session-a'])
  say(CHANNEL.open, ['session-b'])
  expect(server.connections).toBe(1)
  say(CHANNEL.toHost, ['session-a', call])
  await Promise.resolve()
  expect(handled).not.toHaveBeenCalled()
  sender.emit('destroyed')
  expect(server.connections).toBe(0)
})
