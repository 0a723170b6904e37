/** The script that runs in the page before its own: what a sandboxed preload script finds, and then the real preload bundle. */
import { makeWire } from './wire.mjs'

/** Runs in the page; must not use anything from outside itself. */
function preloadHost(wire, windowId, run) {
  if (window !== window.top) return
  const listeners = new Map()
  const listenersOf = (channel) => listeners.get(channel) ?? listeners.set(channel, []).get(channel)
  const ipcRenderer = {
    async invoke(channel, ...args) {
      const answer = await window.__doubleInvoke(windowId, channel, wire.pack(args))
      if (answer.error) throw new Error(`Error invoking remote method '${channel}': ${answer.error}`)
      return wire.unpack(answer.value)
    },
    send: (channel, ...args) => void window.__doubleSend(windowId, channel, wire.pack(args)),
    on: (channel, listener) => (listenersOf(channel).push(listener), ipcRenderer),
    off: (channel, listener) => {
      listeners.set(
        channel,
        listenersOf(channel).filter((l) => l !== listener),
      )
      return ipcRenderer
    },
  }
  Object.defineProperty(window, '__doubleEmit', {
    value: (messages) => {
      for (const [channel, args] of messages)
        for (const listener of [...listenersOf(channel)]) listener({ sender: ipcRenderer }, ...wire.unpack(args))
    },
  })
  // contextBridge copies plain data, proxies functions and freezes: prototypes and class instances do not survive.
  const bridge = (value) => {
    if (typeof value === 'function') return (...args) => bridge(value(...args.map(bridge)))
    if (value === null || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
    if (value instanceof Promise) return value.then(bridge)
    if (Array.isArray(value)) return value.map(bridge)
    return Object.fromEntries(Object.keys(value).map((key) => [key, bridge(value[key])]))
  }
  const freeze = (value) => {
    if (!value || typeof value !== 'object' || ArrayBuffer.isView(value)) return value
    Object.values(value).forEach(freeze)
    return Object.freeze(value)
  }
  const contextBridge = {
    exposeInMainWorld(key, api) {
      if (key in window)
        throw new Error(`Cannot bind an API on top of an existing property on the window object: ${key}`)
      Object.defineProperty(window, key, { value: freeze(bridge(api)), enumerable: true })
    },
  }
  const electron = { ipcRenderer, contextBridge, webUtils: { getPathForFile: (file) => file.name } }
  const require = (id) => {
    if (id === 'electron' || id === 'electron/renderer') return electron
    throw new Error(`module not found: ${id} (a sandboxed preload script can require electron only)`)
  }
  const proc = { type: 'renderer', sandboxed: true, contextIsolated: true, platform: 'linux', env: {}, versions: {} }
  const module = { exports: {} }
  try {
    run(require, module, module.exports, proc)
  } catch (error) {
    console.error('Unable to load preload script:', error)
  }
}

/** Browser side of wire.mjs. */
function pageWire(make) {
  return make(
    (bytes) => {
      let text = ''
      for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768))
      return btoa(text)
    },
    (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)),
  )
}

/** As text, because the page's CSP forbids making code from strings. `source`: the built preload bundle (CommonJS). */
export const preloadScript = (source, windowId) =>
  `(${preloadHost})((${pageWire})(${makeWire}), ${windowId}, function (require, module, exports, process) {\n${source}\n})`
