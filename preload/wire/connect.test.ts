import { expect, it, vi } from 'vitest'
import { ok } from '../../main/simulator/faults'
import { calls, events } from '../contract'
import type { Carrier } from './carrier'
import { createClient } from './client'
import { keepConnected, type ConnectionState } from './connect'
import { memoryPair } from './memory'
import { createServer } from './server'

const info = { version: '1.0.0', host: 'served' as const, worker: { state: 'ready' as const, restarts: 0 } }

/** A host that answers app.info, and carriers to it that the test can cut or keep from opening. */
function setUp() {
  const served = { 'app.info': calls['app.info'] }
  const server = createServer(served, events)({ 'app.info': () => Promise.resolve(ok(info)) })
  const carriers: Carrier[] = []
  let reachable = true
  const connection = keepConnected(
    (ready) => {
      const [theirs, ours] = memoryPair()
      carriers.push(ours)
      if (reachable) {
        server.connect(theirs)
        queueMicrotask(ready)
      } else queueMicrotask(() => ours.close())
      return ours
    },
    { reconnects: true, retryMs: [1, 2] },
  )
  const states: ConnectionState[] = []
  connection.onConnection((state) => states.push(state))
  return {
    server,
    connection,
    carriers,
    states,
    reach: (yes: boolean) => (reachable = yes),
    cut: () => carriers.at(-1)?.close(),
  }
}

it('a lost connection is told, tried again, and taken up with the same subscriptions', async () => {
  const { server, connection, states, cut, reach, carriers } = setUp()
  const heard: number[] = []
  const off = connection.on('worker.state', ({ restarts }) => heard.push(restarts))
  expect(await connection.call('app.info', {})).toEqual(info)
  reach(false)
  cut()
  await vi.waitFor(() => expect(carriers.length).toBeGreaterThan(2))
  await expect(connection.call('app.info', {})).rejects.toMatchObject({ code: 'CONNECTION_LOST' })
  reach(true)
  await vi.waitFor(() => expect(states.at(-1)).toBe('open'))
  expect(states).toEqual(['connecting', 'open', 'lost', 'open'])
  expect(await connection.call('app.info', {})).toEqual(info)
  server.publish('worker.state', { state: 'ready', restarts: 3 })
  await connection.call('app.info', {})
  off()
  server.publish('worker.state', { state: 'ready', restarts: 4 })
  await connection.call('app.info', {})
  expect(heard).toEqual([3])
})

it('once closed it is not tried again', async () => {
  const { connection, carriers, states } = setUp()
  await connection.call('app.info', {})
  connection.close()
  await new Promise((later) => setTimeout(later, 20))
  expect(carriers).toHaveLength(1)
  expect(states.at(-1)).toBe('lost')
})

it('a call through a plain client and through a kept connection is the same', async () => {
  const { server, connection } = setUp()
  const [theirs, ours] = memoryPair()
  server.connect(theirs)
  const plain = createClient(calls, events)(ours)
  expect(await plain.call('app.info', {})).toEqual(await connection.call('app.info', {}))
})
