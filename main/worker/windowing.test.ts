import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { WindowProgress } from '../../preload/contract'
import { createClient, createServer } from '../../preload/wire'
import { memoryPair } from '../../preload/wire/memory'
import { createWorkerHandlers } from './api'
import { workerCalls, workerEvents } from './calls'
import { nodeClock } from './clock'
import { simulator } from './plug'

const text = readFileSync('test/bench/late-permission.yaml', 'utf8')

function worker() {
  const [host, thread] = memoryPair()
  createServer(workerCalls, workerEvents)(createWorkerHandlers(simulator, nodeClock)).connect(thread)
  return createClient(workerCalls, workerEvents)(host)
}

const ask = (runs: number) => ({ name: 'late', text, resources: [], options: { runs, seed: 3 } })

describe('the race window over the contract', () => {
  it('answers with probability, pair and widths', async () => {
    const r = await worker().call('window.start', ask(20_000))
    expect([r.complete, r.runs, r.property]).toEqual([true, 20_000, 'host-pasid'])
    expect(r.hits).toBeGreaterThan(0)
    expect(r.pair).toMatchObject({ first: 'rewrite', then: 'send' })
    expect(r.sensitivity[0]?.step).toBe('execute')
    expect(await worker().call('window.start', ask(20_000))).toEqual(r)
  }, 60_000)

  it('reports progress, and a cancel ends it with the runs so far', async () => {
    const stop = new AbortController()
    const seen: WindowProgress[] = []
    const onProgress = (p: WindowProgress) => {
      seen.push(p)
      stop.abort()
    }
    const answer = await worker()
      .call('window.start', ask(100_000_000), { signal: stop.signal, onProgress })
      .then(
        (r) => r.stopped,
        (e: Error & { code?: string }) => e.code,
      )
    // The protocol may answer the caller itself; the study must have stopped either way.
    expect(['cancelled', 'CANCELLED']).toContain(answer)
    expect(seen[0]?.runs).toBeGreaterThan(0)
  }, 60_000)
})
