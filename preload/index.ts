/** The preload script: sandboxed, bundled to one CommonJS file, without any library. */
import { contextBridge, ipcRenderer } from 'electron'
import { CHANNEL } from './channels'
import type { Bridge } from './wire/bridge'

const session = [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(16)).join('-')
let listener: ((message: unknown) => void) | undefined
const early: unknown[] = []

ipcRenderer.on(CHANNEL.toPage, (_event, forSession: unknown, message: unknown) => {
  if (forSession !== session) return
  if (listener) listener(message)
  else early.push(message)
})
ipcRenderer.send(CHANNEL.open, session)

const bridge: Bridge = Object.freeze({
  send: (message: unknown) => ipcRenderer.send(CHANNEL.toHost, session, message),
  listen(next: (message: unknown) => void) {
    listener = next
    for (const message of early.splice(0)) next(message)
  },
})
contextBridge.exposeInMainWorld('doorbell', bridge)
