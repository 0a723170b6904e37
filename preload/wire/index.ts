/** The protocol between window, host and worker: one set of messages, three carriers. Import from here. */
export * from './shapes'
export * from './carrier'
export * from './errors'
export { MAX_FRAME, PROGRESS_WINDOW, CHUNK_WINDOW, MAX_CALLS } from './messages'
export { createServer, type Server, type ServerOptions, type Connection } from './server'
export { createClient, type Client, type ClientOptions } from './client'
export {
  connectHost,
  keepConnected,
  SOCKET_PATH,
  type HostConnection,
  type HostClient,
  type ConnectionState,
} from './connect'
export { bridgeCarrier, type Bridge } from './bridge'
export { socketCarrier, type SocketLike } from './socket'
export { portCarrier, type PortLike } from './port'
export { memoryPair } from './memory'
export { encodeFrame, decodeFrame } from './frame'
