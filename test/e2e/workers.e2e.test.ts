import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')

/** What `explore` prints, without what differs between two runs of the same command. */
function explored(...args: string[]): Record<string, unknown> {
  const { stdout } = spawnSync(
    process.execPath,
    ['bin/doorbell.js', 'explore', 'ims-family-late', '--no-reduce', '--no-symmetry', '--json', ...args],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  )
  const { elapsedMs: _ms, bytesPerState: _bytes, ...rest } = JSON.parse(stdout) as Record<string, unknown>
  return rest
}

describe('explore --workers', () => {
  it('reports what one thread reports, with threads that really run', { timeout: 180_000 }, () => {
    const scale = ['--scale', 'devices=3,vectors=1,descriptors=1']
    const alone = explored(...scale)
    expect(alone).toMatchObject({ complete: true })
    expect(alone['states']).toBeGreaterThan(400_000)
    expect(explored(...scale, '--workers', '2')).toEqual(alone)
    expect(explored(...scale, '--workers', '3')).toEqual(alone)
  })

  it('covers, where a bound is hit, what one thread covers', { timeout: 180_000 }, () => {
    const bound = ['--scale', 'devices=3,vectors=1,descriptors=1', '--max-states', '300000']
    const alone = explored(...bound)
    expect(alone).toMatchObject({ complete: false, stopped: 'max-states', states: 300_000 })
    expect(explored(...bound, '--workers', '2')).toEqual(alone)
  })
})
