/** The simulator's thread: the worker's handlers behind its port. */
import { parentPort } from 'node:worker_threads'
import { createServer, portCarrier } from '../../preload/wire'
import { assert } from '../simulator/faults'
import { createWorkerHandlers } from './api'
import { workerCalls, workerEvents } from './calls'
import { nodeClock } from './clock'
import { simulator } from './plug'

assert(parentPort, 'this file runs in a worker thread')
const port = parentPort
createServer(
  workerCalls,
  workerEvents,
)(createWorkerHandlers(simulator, nodeClock)).connect(portCarrier(port, () => port.close()))
