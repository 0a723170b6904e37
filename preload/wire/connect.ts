/** The window's connection to its host: over Electron's bridge where there is one, else over a WebSocket that reconnects. */
import { calls, events } from '../contract'
import { bridgeCarrier, type Bridge } from './bridge'
import type { Carrier } from './carrier'
import { createClient, type Client } from './client'
import { RpcError, wireError } from './errors'
import { socketCarrier } from './socket'

export type HostClient = Client<typeof calls, typeof events>
export type ConnectionState = 'connecting' | 'open' | 'lost'

export interface HostConnection {
  /** As `Client.call`; rejects with CONNECTION_LOST while there is no connection. */
  readonly call: HostClient['call']
  /** As `Client.on`; stays subscribed over a lost connection. */
  readonly on: HostClient['on']
  /** Tells the state now and at each change. Returns the way to unsubscribe. */
  onConnection(listener: (state: ConnectionState) => void): () => void
  close(): void
}

/** The path of the WebSocket at the served workbench. */
export const SOCKET_PATH = '/rpc'

const RETRY_MS = [250, 500, 1000, 2000, 5000]

interface Place {
  readonly doorbell?: Bridge
  readonly location: { readonly protocol: string; readonly host: string }
}

export function connectHost(place: Place = window): HostConnection {
  const open = place.doorbell
    ? (_ready: () => void) => bridgeCarrier(place.doorbell as Bridge)
    : (ready: () => void) => {
        const scheme = place.location.protocol === 'https:' ? 'wss' : 'ws'
        const socket = new WebSocket(`${scheme}://${place.location.host}${SOCKET_PATH}`)
        socket.addEventListener('open', ready)
        return socketCarrier(socket)
      }
  return keepConnected(open, { reconnects: !place.doorbell })
}

/** `open` makes a new carrier and calls `ready` when it can carry; a bridge is ready at once. */
export function keepConnected(
  open: (ready: () => void) => Carrier,
  { reconnects, retryMs = RETRY_MS }: { reconnects: boolean; retryMs?: readonly number[] },
): HostConnection {
  const states = new Set<(state: ConnectionState) => void>()
  const subscriptions = new Set<(client: HostClient) => void>()
  let state: ConnectionState = 'connecting'
  let attempt = 0
  let over = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let client: HostClient | undefined

  const enter = (next: ConnectionState) => {
    if (state === next) return
    state = next
    for (const listener of [...states]) listener(next)
  }

  function start() {
    let ready = !reconnects
    const mine = createClient(
      calls,
      events,
    )(
      open(() => {
        ready = true
        attempt = 0
        enter('open')
      }),
    )
    client = mine
    if (ready) enter('open')
    for (const subscribe of subscriptions) subscribe(mine)
    void mine.closed.then(() => {
      enter('lost')
      if (over || !reconnects) return
      timer = setTimeout(start, retryMs[Math.min(attempt++, retryMs.length - 1)])
    })
  }
  start()

  const call = ((name, payload, options) =>
    client && state !== 'lost'
      ? client.call(name, payload, options)
      : Promise.reject(
          new RpcError(
            wireError('CONNECTION_LOST', 'there is no connection to the host', { hint: 'it is being tried again' }),
          ),
        )) as HostClient['call']

  const on = ((name, listener) => {
    let off: (() => void) | undefined
    const subscribe = (to: HostClient) => void (off = to.on(name, listener))
    subscriptions.add(subscribe)
    if (client) subscribe(client)
    return () => {
      subscriptions.delete(subscribe)
      off?.()
    }
  }) as HostClient['on']

  return {
    call,
    on,
    onConnection(listener) {
      states.add(listener)
      listener(state)
      return () => void states.delete(listener)
    },
    close() {
      over = true
      clearTimeout(timer)
      client?.close()
    },
  }
}
