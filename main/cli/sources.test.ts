/** Whatever the command line prints with citations ends with what they stand on, in text and in JSON. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { citesIn, sourceOf } from '../simulator/sources/sources'
import { createBuiltin } from '../workspace/builtin'
import { openWorkspace } from '../workspace/workspace'
import { outputs } from './output'
import { main } from './program'

const ROOT = join(import.meta.dirname, '../..')
const SPR = join(ROOT, 'resources/platforms/spr-dsa.yaml')
const PAMU = join(ROOT, 'resources/platforms/p4080-pamu.yaml')
const CAPTURE = join(ROOT, 'test/fixtures/captures/x86-6.12-scalable-q7/capture.tar.gz')
const DSA = '0000:6a:01.0'
const FAULT = 'DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0x0 [fault reason 0x06]'
let folder: string
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'doorbell-sources-'))))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function doorbell(...args: readonly string[]): Promise<string> {
  let out = ''
  await main([...args], {
    workspace: openWorkspace(folder, createBuiltin()),
    io: {
      out: (text) => void (out += text),
      err: () => undefined,
      errIsTerminal: false,
      columns: undefined,
      onInterrupt: () => () => undefined,
    },
  })
  return out
}

/** The keys that the list at the end names, and the citations before it. */
function split(text: string): { keys: string[]; cites: string[] } {
  const [before = '', list = ''] = text.split('\nSources\n')
  return {
    keys: [...list.matchAll(/^ {2}(\S.*?) {2,}\S/gm)].map(([, key = '']) => key),
    cites: [...before.matchAll(/ \[([^[\]]+)\]$/gm)].map(([, cite = '']) => cite),
  }
}

/** Sections only: words that are a source themselves need no line. */
const sections = (cites: readonly string[]): string[] => [
  ...new Set(cites.flatMap((c) => sourceOf(c).flatMap((s) => (s.text === s.key && !s.dangling ? [] : [s.key])))),
]

describe('the list of sources', () => {
  const CASES = {
    plan: ['plan', CAPTURE],
    'plan of PAMU': ['plan', PAMU],
    attach: ['attach', CAPTURE, '--device', '0000:01:00.0'],
    'attach through iommufd': ['attach', SPR, '--device', DSA, '--iommufd', '--kernel', '6.12'],
    'domain-type': ['domain-type', SPR, '--group-of', DSA, '--write', 'identity'],
    'explain msi': ['explain', 'msi', SPR, '--device', DSA, '--vector', '1'],
    'explain dma': ['explain', 'dma', SPR, '--device', DSA, '--iova', '0x1000', '--write'],
    'explain fault': ['explain', 'fault', FAULT],
  }

  it.each(Object.entries(CASES))('of %s has each section that the text cites, once', async (_, args) => {
    const { keys, cites } = split(await doorbell(...args))
    expect([...keys].sort()).toEqual(sections(cites).sort())
  })

  it.each(Object.entries(CASES))('of %s is beside its citations in JSON', async (_, args) => {
    const answer = JSON.parse(await doorbell(...args, '--json')) as { sources: Record<string, string> }
    const cites = citesIn(answer)
    expect(cites.flatMap(sourceOf).filter((s) => s.dangling)).toEqual([])
    expect(Object.keys(answer.sources).sort()).toEqual(sections(cites).sort())
  })

  it('names the kernel’s functions', async () => {
    expect(await doorbell(...CASES.plan)).toMatch(/^ {2}10 §3 +Linux 6\.12 drivers\/iommu\/iommu\.c pci_device_group/m)
  })

  it('is beside the steps of a run', async () => {
    const ran = outputs.run.parse(JSON.parse(await doorbell('run', 'idxd-vsvm-late', '--seed', '1', '--json')))
    expect(Object.keys(ran.sources).sort()).toEqual(sections(citesIn(ran.events)).sort())
    expect(ran.sources['70 §4.1']).toContain('DSA specification 3.0')
  })
})
