import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

const MIB = 256
const geometry = (start: number, size: number): string =>
  `domain.set_geometry: { first: ${start * MIB}, pages: ${size * MIB} }`
const windows = (n: number): string => `domain.set_windows: { n: ${n} }`
const enableWindow = (window: number, pages = 16384, page = 0x10000): string =>
  `domain.window_enable: { window: ${window}, page: ${page}, pages: ${pages}, read: true, write: true }`
const disableWindow = (window: number): string => `domain.window_disable: { window: ${window} }`
const READY = ['domain.attach', geometry(0, 256), windows(4)]

/** The last errno, and which conditions are true at the end. Calls before the last go on whatever comes back. */
function run(calls: readonly string[], conditions: readonly string[] = [], parameters = ''): (string | boolean)[] {
  const errnos = ['OK', 'EINVAL', 'EBUSY', 'ENODEV']
  const r = verdicts(`
blocks: { pamu: { kind: pamu, spaaces: 8 }, domain: { kind: fsl-pamu-domain${parameters} } }
programs:
  kernel:${calls.map((c) => `\n    - ${c.includes(':') ? c : `${c}:`}\n      on_error: continue`).join('')}
properties:
${errnos.map((e) => `  - { name: ${e}, end: kernel.errno == ${e} }`).join('\n')}
${conditions.map((c, i) => `  - { name: p${i}, end: "${c}" }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return [errnos.find((e) => r[e] === 'holds') ?? '', ...conditions.map((_, i) => r[`p${i}`] === 'holds')]
}

describe('geometry (configure_domain_geometry)', () => {
  it.each([
    ['T1: 192 MiB is no power of two', 0, 192, 'EINVAL'],
    ['T2: 64 MiB is no multiple of 256 MiB', 64, 256, 'EINVAL'],
    ['nothing is less than a page', 0, 0, 'EINVAL'],
    ['a naturally aligned power of two', 256, 256, 'OK'],
    ['64 GiB from 0', 0, 65536, 'OK'],
  ])('%s', (_, start, size, errno) => {
    expect(run([geometry(start, size)])).toEqual([errno])
  })
  it('is checked before "enabled" is looked at', () => {
    const enabled = [...READY, enableWindow(0), 'domain.enable']
    expect(run([...enabled, geometry(64, 256)])).toEqual(['EINVAL'])
    expect(run([...enabled, geometry(0, 512)], ['domain.size == 65536'])).toEqual(['EBUSY', true])
  })
})

describe('the number of windows (fsl_pamu_set_windows)', () => {
  it('needs a geometry', () => {
    expect(run([windows(4)])).toEqual(['EINVAL'])
  })
  it.each([0, 3, 512])('is a power of two up to 256: not %i', (n) => {
    expect(run([geometry(0, 256), windows(n)])).toEqual(['EINVAL'])
  })
  it('is not changed while the domain is enabled', () => {
    expect(
      run([...READY, enableWindow(0), 'domain.enable', windows(2)], ['domain.count == 4 && pamu.PPAACE0.V']),
    ).toEqual(['EBUSY', true])
  })
  it('is 256 before it is set, of an array that is not there', () => {
    expect(run([geometry(0, 256)], ['domain.count == 256 && !domain.configured'])).toEqual(['OK', true])
  })
  it('set again, takes new secondary entries and does not give the old ones back', () => {
    expect(run([...READY, windows(4)], ['pamu.spaaces_left == 2'])).toEqual(['OK', true])
    expect(run([...READY, windows(4), windows(4)], ['pamu.spaaces_left == 2 && !pamu.PPAACE0.V'])).toEqual([
      'EINVAL',
      true,
    ])
  })
  it('closes the LIODN that was open since boot', () => {
    expect(run(['domain.attach'], ['pamu.open0'])).toEqual(['OK', true])
    expect(run(READY, ['!pamu.PPAACE0.V && !pamu.open0 && pamu.open1'])).toEqual(['OK', true])
  })
})

describe('one window (fsl_pamu_window_enable and _disable)', () => {
  it.each([
    ['no array of windows', [enableWindow(0)], 'ENODEV'],
    ['an index behind the last', [...READY, enableWindow(4)], 'EINVAL'],
    ['larger than a window', [...READY, enableWindow(1, 32768)], 'EINVAL'],
    ['mapped already', [...READY, enableWindow(1), enableWindow(1)], 'EBUSY'],
    ['smaller than a window', [...READY, enableWindow(1, 1)], 'OK'],
    [
      'the only window of an enabled domain',
      ['domain.attach', geometry(0, 64), windows(1), enableWindow(0), 'domain.enable', enableWindow(0)],
      'EBUSY',
    ],
    ['the only window, not a power of two', [geometry(0, 64), windows(1), enableWindow(0, 3)], 'EINVAL'],
  ])('%s', (_, calls, errno) => {
    expect(run(calls)).toEqual([errno])
  })
  it('counts up and down, and ignores what is not there', () => {
    expect(run([...READY, enableWindow(1), enableWindow(2)], ['domain.mapped == 2'])).toEqual(['OK', true])
    expect(
      run(
        [disableWindow(1), ...READY, enableWindow(1), disableWindow(1), disableWindow(1), disableWindow(9)],
        ['domain.mapped == 0'],
      ),
    ).toEqual(['OK', true])
  })
  it('the only window taken away disables the LIODN and the domain', () => {
    expect(
      run(
        ['domain.attach', geometry(0, 64), windows(1), enableWindow(0), 'domain.enable', disableWindow(0)],
        ['!pamu.PPAACE0.V && !domain.enabled'],
      ),
    ).toEqual(['OK', true])
  })
  it('one of several leaves the LIODN on', () => {
    expect(
      run(
        [...READY, enableWindow(0), enableWindow(1), 'domain.enable', disableWindow(1)],
        ['pamu.PPAACE0.V && !pamu.SPAACE0_1.V && domain.enabled'],
      ),
    ).toEqual(['OK', true])
  })
})

describe('enable and disable (configure_domain_dma_state)', () => {
  it('wants a mapping first', () => {
    expect(run([...READY, 'domain.enable'], ['!pamu.PPAACE0.V'])).toEqual(['ENODEV', true])
  })
  it('believes a counter that new windows do not reset: then nothing at all is mapped', () => {
    expect(
      run([...READY, enableWindow(0), windows(4), 'domain.enable'], ['pamu.PPAACE0.V && !domain.any_valid']),
    ).toEqual(['OK', true])
  })
  it('sets and clears V', () => {
    expect(run([...READY, enableWindow(0), 'domain.enable'], ['pamu.PPAACE0.V'])).toEqual(['OK', true])
    expect(run([...READY, enableWindow(0), 'domain.enable', 'domain.disable'], ['!pamu.PPAACE0.V'])).toEqual([
      'OK',
      true,
    ])
  })
})

describe('attach and detach', () => {
  it('an attach after the mappings copies them and leaves the LIODN off until the domain is enabled again', () => {
    const late = [geometry(0, 256), windows(4), enableWindow(0), enableWindow(2), 'domain.enable', 'domain.attach']
    expect(run(late, ['!pamu.PPAACE0.V && pamu.SPAACE0_2.V && pamu.PPAACE0.AP == all'])).toEqual(['OK', true])
    expect(run([...late, 'domain.enable'], ['pamu.PPAACE0.V'])).toEqual(['OK', true])
  })
  it('a detach frees the secondary entries and blocks the LIODN; a vendor tree opens it', () => {
    const gone = [...READY, enableWindow(1), 'domain.enable', 'domain.detach']
    expect(run(gone, ['!pamu.PPAACE0.V && !pamu.open0 && pamu.spaaces_left == 8'])).toEqual(['OK', true])
    expect(run(gone, ['pamu.open0'], ', detach: opens')).toEqual(['OK', true])
  })
})
