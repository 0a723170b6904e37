import { describe, expect, it } from 'vitest'
import { verdicts } from '../../../../test/support/board'

function run(parameters: string, programs: string, cookie: string, ...properties: string[]): Record<string, string> {
  const r = verdicts(`
blocks:
  smmu: { kind: smmu }
  domains: { kind: irq-domains }
  cookie: { ${cookie} }
  nic: { kind: msix-table }
  fd: { kind: iommufd${parameters.includes('unsafe') ? ', allow_unsafe_interrupts: true' : ''} }
  irq: { kind: irq-msi, doorbell: its, data: 7${parameters.replace(', unsafe', '')} }
programs:
${programs}
properties:
  - { name: always, always: true }
${properties.map((p) => `  - { ${p} }`).join('\n')}
`)
  expect([r['complete'], r['range']]).toEqual(['holds', 'holds'])
  return r
}
const BOOT = '{ domains.assign: { stream: 0, domain: isolating }, id: BOOTED }'
const OPEN = 'fd.bind, { fd.alloc: { domain: domain0 } }, { fd.attach: { domain: domain0 } }'
const qemu = (steps: string): string => `  host: [${BOOT}]\n  qemu: [{ wait: { until: done(BOOTED) } }, ${steps}]`
const COOKIE = 'kind: msi-cookie'

describe('SET_IRQS (40 §11)', () => {
  it('writes the IOVA of the doorbell into the entry, enables MSI-X and unmasks', () => {
    const is = 'nic.Table0.Address == sw0 && nic.Table0.Data == 7 && !nic.Table0.Mask && nic.Message_Control.Enable'
    expect(run('', qemu(`${OPEN}, irq.set_irqs`), COOKIE, `name: p, end: "${is} && irq.requested"`)['p']).toBe('holds')
    expect(
      run(', keeps: iova', qemu(`${OPEN}, irq.set_irqs`), COOKIE, `name: p, end: "${is} && !smmu.group_lock"`)['p'],
    ).toBe('holds')
  })
  it('writes the physical address where nothing maps the doorbell', () => {
    expect(
      run(
        '',
        qemu('{ cookie.alloc: { domain: domain0 } }, irq.set_irqs'),
        COOKIE,
        'name: p, end: nic.Table0.Address == its',
      )['p'],
    ).toBe('holds')
  })
  it('fails with -ENODEV (6.1) or -ENOTSUPP (6.12) on a device without an MSI domain (05.9)', () => {
    const bare = '  qemu: [irq.set_irqs]'
    expect(run(', without_domain: ENODEV', bare, COOKIE, 'name: p, end: qemu.errno == ENODEV')['p']).toBe('holds')
    expect(run('', bare, COOKIE, 'name: p, end: qemu.errno == ENOTSUPP && nic.Table0.Mask')['p']).toBe('holds')
  })
  it('passes the errno of prepare on, and leaves the mutex of the group free', () => {
    const full = '{ smmu.map: { iova: sw0, frame: ram } }'
    for (const keeps of ['cookie', 'iova']) {
      const r = run(
        `, keeps: ${keeps}`,
        qemu(`${OPEN}, ${full}, irq.set_irqs`),
        COOKIE,
        'name: p, end: "qemu.errno == ENOMEM && !irq.requested && !smmu.group_lock && irq.desc_cookie == nobody"',
      )
      expect([keeps, r['p']]).toEqual([keeps, 'holds'])
    }
  })
  it('without an eventfd masks and keeps the vector', () => {
    const r = run(
      '',
      qemu(`${OPEN}, irq.set_irqs, irq.clear_trigger`),
      COOKIE,
      'name: p, end: nic.Table0.Mask && irq.allocated && !irq.requested',
    )
    expect(r['p']).toBe('holds')
  })
})

describe('iommufd (40 §9)', () => {
  const end = (programs: string, is: string, parameters = ''): string | undefined =>
    run(parameters, programs, COOKIE, `name: p, end: "${is}"`)['p']

  it('does not bind a device whose MSIs are not isolated, unless it is told to: -EPERM', () => {
    const plain =
      '  host: [{ domains.assign: { stream: 0, domain: plain }, id: BOOTED }]\n  qemu: [{ wait: { until: done(BOOTED) } }, fd.bind]'
    expect(end(plain, 'qemu.errno == EPERM && !fd.bound')).toBe('holds')
    expect(end(plain, 'fd.bound', ', unsafe')).toBe('holds')
  })
  it('attaches nothing before it has bound: -EINVAL', () => {
    expect(end(qemu('{ fd.attach: { domain: domain0 } }'), 'qemu.errno == EINVAL && smmu.STE0.Config == abort')).toBe(
      'holds',
    )
  })
  it('does not destroy what is attached: -EBUSY, and what was replaced it does', () => {
    expect(
      end(qemu(`${OPEN}, { fd.destroy: { domain: domain0 } }`), 'qemu.errno == EBUSY && cookie.alive.domain0'),
    ).toBe('holds')
    const replaced = `${OPEN}, { fd.alloc: { domain: domain1 } }, { fd.attach: { domain: domain1 } }, { fd.destroy: { domain: domain0 } }`
    expect(end(qemu(replaced), 'qemu.errno == OK && !cookie.alive.domain0 && smmu.STE0.S1ContextPtr == domain1')).toBe(
      'holds',
    )
  })
  it('whoever prepares a message under the mutex is never disturbed by a replacement', () => {
    const two = (keeps: string): Record<string, string> =>
      run(
        `, keeps: ${keeps}`,
        `${qemu(`${OPEN}, { wait: { until: "true" }, id: UP }, irq.set_irqs`)}
  qemu2: [{ wait: { until: done(UP) } }, { fd.alloc: { domain: domain1 } }, { fd.attach: { domain: domain1 } }, { fd.destroy: { domain: domain0 } }]`,
        `${COOKIE}, owner: context`,
        'name: uaf, never: irq.fault == use_after_free || cookie.fault == use_after_free',
        'name: some, sometimes: irq.requested',
      )
    expect(two('iova')).toMatchObject({ uaf: 'holds', some: 'witnessed' })
    expect(two('cookie')).toMatchObject({ uaf: 'violated' })
  })
})

describe('MAP_DMA (40 §10)', () => {
  const errno = (parameters: string, iommu: string, ...maps: string[]): string | undefined => {
    const r = verdicts(`
blocks: { iommu: { kind: ${iommu} }, maps: { kind: vfio-iova${parameters} } }
programs: { qemu: [${maps.map((m) => `{ maps.map_dma: { iova: ${m} } }`).join(', ')}] }
properties: [${['OK', 'EINVAL', 'EEXIST'].map((e) => `{ name: ${e}, end: qemu.errno == ${e} }`).join(', ')}]
`)
    return Object.keys(r).find((k) => (r[k] === 'holds' && k.startsWith('E')) || (k === 'OK' && r[k] === 'holds'))
  }
  it('refuses reserved regions from 5.4 on, and took them before', () => {
    expect(errno('', 'smmu', 'sw1')).toBe('EINVAL')
    expect(errno(', pages: 1', 'smmu', 'sw1')).toBe('OK')
    expect(errno(', list: false', 'smmu', 'sw1')).toBe('OK')
    expect(errno(', region: msi', 'x86-msi-window', 'fee1')).toBe('EINVAL')
    expect(errno(', region: msi, list: false', 'x86-msi-window', 'fee1')).toBe('OK')
  })
  it('refuses what is mapped already: -EEXIST', () => {
    expect(errno('', 'smmu', 'user0', 'user0')).toBe('EEXIST')
  })
})
