import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { placeable } from '../simulator/platform/place'
import type { FileTree } from '../simulator/firmware/tree'
import { readArchive } from './archive'
import { importFile, observeFile } from './import-file'

const run = promisify(execFile)
const RESOURCES = join(process.cwd(), 'resources')
const CAPTURE = join(process.cwd(), 'test/fixtures/captures/x86-6.12-scalable-q7/capture.tar.gz')
let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorbell-import-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const fault = async (source: string | Uint8Array, name: string) => {
  const read = await importFile(source, name)
  return read.ok ? { code: read.value.kind } : read.error
}

describe('a file', () => {
  test('is known by its content, whatever it is called', async () => {
    await writeFile(join(folder, 'download'), await readFile(CAPTURE))
    expect(await fault(join(folder, 'download'), 'download')).toEqual({ code: 'capture' })
    expect(await fault(await readFile(join(RESOURCES, 'platforms/spr-dsa.yaml')), 'x')).toEqual({ code: 'platform' })
    expect(await fault(Buffer.from('{ "doorbellPlatform": 1 }'), 'x')).toMatchObject({
      code: 'PLATFORM_INVALID',
      file: 'x',
    })
  })

  test('of no kind is refused by the name the user gave it', async () => {
    expect(await fault(Buffer.from('hello'), 'notes.txt')).toMatchObject({
      code: 'FILE_KIND_UNKNOWN',
      file: 'notes.txt',
    })
    expect(await fault(new Uint8Array(), 'empty')).toMatchObject({ code: 'FILE_KIND_UNKNOWN' })
    expect(await fault(join(folder, 'none'), 'none')).toMatchObject({ code: 'FILE_NOT_FOUND', file: 'none' })
  })

  test('that was cut to nothing is still known as a capture by its name', async () => {
    expect(await fault(new Uint8Array(), 'capture.tar.gz')).toMatchObject({ code: 'ARCHIVE_TRUNCATED' })
  })

  test('of another archive is no capture', async () => {
    await writeFile(join(folder, 'readme'), 'x')
    expect(await fault(folder, 'folder')).toMatchObject({ code: 'CAPTURE_EMPTY', file: 'folder' })
    expect(await fault(folder, 'folder')).toHaveProperty('hint', expect.stringMatching(/capture\.sh/))
  })

  test('of a folder that holds one capture instead of being one reads that, of several it says which', async () => {
    const hint = async () => {
      const read = await importFile(folder, 'folder')
      return read.ok ? read.value.kind : [read.error.code, read.error.hint]
    }
    await writeFile(join(folder, 'notes.txt'), 'x')
    await writeFile(join(folder, 'capture.tar.gz'), await readFile(CAPTURE))
    expect(await hint()).toBe('capture')
    await mkdir(join(folder, 'older'))
    await writeFile(join(folder, 'older/one.tgz'), 'x')
    expect(await hint()).toEqual(['CAPTURE_EMPTY', 'it holds capture.tar.gz, older/one.tgz: give one of them'])
    for (const n of [1, 2, 3]) await writeFile(join(folder, `z${n}.tar`), 'x')
    expect(await hint()).toEqual([
      'CAPTURE_EMPTY',
      'it holds capture.tar.gz, older/one.tgz, z1.tar, z2.tar and 1 more: give one of them',
    ])
  })
})

describe('what a kernel did', () => {
  test('is read from a capture and from a listing, and from nothing else', async () => {
    const capture = await observeFile(CAPTURE, 'capture.tar.gz')
    expect(capture.ok && capture.value.groups.length).toBeGreaterThan(5)
    const listing = Buffer.from('IOMMU Group 3:\n\t01:00.0 Ethernet controller [0200]: Example [1d05:0001]\n')
    expect(await observeFile(listing, 'groups.txt')).toMatchObject({
      ok: true,
      value: { groups: [{ id: 3, devices: ['0000:01:00.0'] }] },
    })
    const platform = await readFile(join(RESOURCES, 'platforms/spr-dsa.yaml'))
    expect(await observeFile(platform, 'spr.yaml')).toMatchObject({ error: { code: 'USAGE', file: 'spr.yaml' } })
    expect(await observeFile(Buffer.from('hello'), 'x')).toMatchObject({ error: { code: 'FILE_KIND_UNKNOWN' } })
  })
})

describe('the built-in platforms', async () => {
  const files = (await readdir(join(RESOURCES, 'platforms'))).filter((name) => name.endsWith('.yaml'))

  test.each(files)('%s is a platform, with something on it that can be placed', async (name) => {
    const read = await importFile(join(RESOURCES, 'platforms', name), name)
    if (!read.ok) throw new Error(read.error.message)
    const places = read.value.platform.functions.filter((fn) => placeable(read.value.platform, fn.bdf).ok)
    expect(places.length).toBeGreaterThan(0)
  })

  test('are the ones that scenarios and documents name', () => {
    expect(files.toSorted()).toEqual([
      ...[
        'epyc-amdvi.yaml',
        'p4080-pamu.yaml',
        'q35-vtd.yaml',
        'spr-dsa.yaml',
        'virt-gicv2m.yaml',
        'virt-smmuv3-its.yaml',
      ],
    ])
  })

  test('the one with a DSA has a place for which nothing is assumed', async () => {
    const read = await importFile(join(RESOURCES, 'platforms/spr-dsa.yaml'), 'spr-dsa')
    const placed = read.ok ? placeable(read.value.platform, '0000:6a:01.0') : read
    expect(placed.ok && placed.value).toMatchObject({ iommu: 'dmar0', msiController: 'dmar0-ir', warnings: [] })
  })
})

describe('the capture script', () => {
  /** A tree on disk, for a script that reads a file system. Only here, from our own fixture. */
  async function lay(tree: FileTree, target: string): Promise<void> {
    for (const [path, entry] of tree) {
      const at = join(target, path)
      await mkdir(dirname(at), { recursive: true })
      if (entry.kind === 'file') await writeFile(at, entry.bytes)
      else await symlink(entry.target, at)
    }
  }

  test('makes of a machine a capture that gives the same platform', async () => {
    const tree = await readArchive(CAPTURE)
    if (!tree.ok) throw new Error(tree.error.message)
    await lay(tree.value, folder)
    const made = join(folder, 'made.tar.gz')
    await run('sh', [join(RESOURCES, 'capture.sh'), made], {
      env: { ...process.env, DOORBELL_ROOT: join(folder, 'capture'), TMPDIR: folder },
    })
    const original = await importFile(CAPTURE, 'machine')
    const again = await importFile(made, 'machine')
    if (!original.ok || !again.ok) throw new Error('not imported')
    // The script keeps fewer build options of the kernel than the fixture has.
    const kept = (options: Record<string, string> = {}) => options['CONFIG_IOMMU_SUPPORT']
    expect(kept(again.value.platform.kernel.config)).toBe(kept(original.value.platform.kernel.config))
    expect({ ...again.value.platform, kernel: {} }).toEqual({ ...original.value.platform, kernel: {} })
    expect((await readdir(folder)).filter((name) => name.startsWith('doorbell-capture'))).toEqual([])
  })

  test('says what it could not read, and the platform says what is unknown for it', async () => {
    const bdf = '0000:00:01.0'
    const device = `sys/devices/pci0000:00/${bdf}`
    const header = new Uint8Array(64)
    header.set([0x86, 0x80, 0x25, 0x0b, 0, 0, 0x10, 0])
    header[0x34] = 0x40
    await lay(
      new Map([
        [`${device}/config`, { kind: 'file', bytes: header }],
        [`sys/bus/pci/devices/${bdf}`, { kind: 'link', target: `../../../../${device}` }],
        // Even root cannot read a folder as a file: what an unreadable table looks like to the script.
        ['proc/iomem', { kind: 'file', bytes: Buffer.from('00000000-00000000 : System RAM\n') }],
        [`${device}/class/x`, { kind: 'file', bytes: new Uint8Array() }],
      ]),
      join(folder, 'root'),
    )
    const made = join(folder, 'made.tar')
    const { stderr } = await run('sh', [join(RESOURCES, 'capture.sh'), made], {
      env: { ...process.env, DOORBELL_ROOT: join(folder, 'root'), TMPDIR: folder },
    })
    expect(stderr).toContain('1 functions gave only 64 bytes of configuration space')
    expect(stderr).toContain('/proc/iomem')
    expect(stderr).toContain('run it again as root')
    const read = await importFile(made, basename(made))
    if (!read.ok) throw new Error(read.error.message)
    expect(read.value.platform.functions[0]?.unknown).toContain('pasid')
    expect(read.value.platform.unknown).toContain('iommus')
    expect(read.value.platform.warnings.map((entry) => entry.code)).toContain('CAPTURE_INCOMPLETE')
  })

  test('refuses a place without PCI', async () => {
    await expect(
      run('sh', [join(RESOURCES, 'capture.sh')], { env: { ...process.env, DOORBELL_ROOT: folder }, cwd: folder }),
    ).rejects.toMatchObject({ code: 1 })
  })
})
