import { flushPromises } from '@vue/test-utils'
import { beforeEach, describe, expect, it } from 'vitest'
import type { FakeHost } from '../testing/fake-host'
import { freshWorkbench } from '../testing/setup'
import { useCatalogue } from './catalogue'
import { IN_FLIGHT, PIECE, useImporting } from './importing'
import { useNotices } from './notices'

let host: FakeHost
beforeEach(() => {
  host = freshWorkbench()
})
const file = (name: string, size: number): File => new File([new Uint8Array(size).map((_, i) => i % 251)], name)

describe('importing a capture', () => {
  it('sends every byte once, in pieces of at most 1 MiB, one after the other', async () => {
    let inFlight = 0
    let most = 0
    const got = new Map<number, Uint8Array>()
    host.handlers['upload.piece'] = async ({ offset, bytes }) => {
      most = Math.max(most, ++inFlight)
      await new Promise((done) => setTimeout(done, 1))
      inFlight--
      got.set(offset, bytes)
      return { received: offset + bytes.length }
    }
    const size = 5 * PIECE + 12345
    expect(await useImporting().importFile(file('machine.tar.gz', size))).toBe(true)
    expect(most).toBe(IN_FLIGHT)
    expect([...got.values()].every((b) => b.length <= PIECE)).toBe(true)
    let at = 0
    for (const offset of [...got.keys()].sort((a, b) => a - b)) {
      expect(offset).toBe(at)
      at += got.get(offset)?.length ?? 0
    }
    expect(at).toBe(size)
    expect(useCatalogue().shown?.id).toEqual({ imported: 'machine' })
  })

  it('says with code, place and hint why a capture was refused', async () => {
    expect(await useImporting().importFile(file('bad.tar.gz', 100))).toBe(false)
    expect(useNotices().items).toHaveLength(1)
    expect(useNotices().items[0]).toMatchObject({
      code: 'ARCHIVE_TRUNCATED',
      position: 'bad.tar.gz, byte 0x1f400',
      hint: 'copy the capture again, and compare its size',
    })
    expect(useCatalogue().shown).toBeNull()
  })

  it('lets go of what was sent when it is cancelled', async () => {
    const importing = useImporting()
    let pieces = 0
    host.handlers['upload.piece'] = async () => {
      if (++pieces === 3) importing.cancel()
      await new Promise((done) => setTimeout(done, 1))
      return { received: 0 }
    }
    expect(await importing.importFile(file('machine.tar.gz', 40 * PIECE))).toBe(false)
    await flushPromises()
    expect(pieces).toBeLessThan(12)
    expect(host.calls.some((c) => c.name === 'upload.drop')).toBe(true)
    expect(useNotices().items).toEqual([])
    expect(importing.current).toBeNull()
  })
})
