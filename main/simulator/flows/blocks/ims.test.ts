import { describe, expect, it } from 'vitest'
import { explored } from '../../../../test/support/explored'

const CHIP = 'dev: { kind: dsa, queue: enabled }, chip: { kind: ims-irqchip'
const ALL = `${CHIP} }, vfio: { kind: vfio-ims }, sets: { kind: ioasid }`

/** One host program, and the errno with which it ends. */
const host = (blocks: string, program: string, is: Record<string, string>) =>
  explored(`blocks: { ${blocks} }\nprograms: { host: [${program}] }`, is)

describe('the irqchip over the IMS', () => {
  it('refuses a device without a valid PASID with -EINVAL, where the domain asks for one', () => {
    const alloc = (validate: boolean) =>
      host(`${CHIP}, validate_pasid: ${validate} }`, '{ chip.alloc: { slot: 0 }, id: A }', {
        refused: 'end: host.errno == EINVAL && !chip.allocated0',
        done: 'done(A)',
      })
    expect([alloc(true).verdict('refused'), alloc(false).verdict('done')]).toEqual(['holds', 'witnessed'])
  })

  it('returns -ENOSPC when there is no entry left', () => {
    const r = host(
      `${CHIP}, validate_pasid: false }`,
      '{ chip.alloc: { slot: 0 } }, { chip.alloc: { slot: 0 }, id: AGAIN }',
      { full: 'end: host.errno == ENOSPC' },
    )
    expect(r.verdict('full')).toBe('holds')
  })

  it.each([
    ['an unknown selector', 'unknown: true', true],
    ['bits that are not auxiliary', 'foreign: true', true],
    ['an interrupt that is not allocated', '', false],
  ])('irq_set_auxdata with %s is -EINVAL and changes nothing', (_, operand, allocated) => {
    const r = host(
      `${CHIP}, validate_pasid: false }`,
      `${allocated ? '{ chip.alloc: { slot: 0 } }, ' : ''}{ chip.set_auxdata: { slot: 0, pasid: guest${operand && ', '}${operand} } }`,
      { refused: 'end: host.errno == EINVAL && dev.IMS0.PASID == nil' },
    )
    expect(r.verdict('refused')).toBe('holds')
  })

  it('request_irq of an entry that is not allocated is -EINVAL', () => {
    const r = host(`${CHIP} }`, '{ chip.request_irq: { slot: 0 } }', { refused: 'end: host.errno == EINVAL' })
    expect(r.verdict('refused')).toBe('holds')
  })

  it('an entry is zero and masked again when it is freed', () => {
    const r = host(
      `${CHIP}, validate_pasid: false }`,
      '{ chip.alloc: { slot: 0 } }, { chip.request_irq: { slot: 0 } }, { chip.free_irq: { slot: 0 } }, { chip.free: { slot: 0 } }, { dev.read_back: {}, id: END }',
      { live: 'chip.handler0 && !dev.IMS0.MASK', end: 'done(END)' },
    )
    expect(r.register('live', 'dev IMS[0]', 2)).toBe(0x22)
    expect([0, 2, 3].map((w) => r.register('end', 'dev IMS[0]', w))).toEqual([0xfee00000, 0, 1])
  })
})

describe('the look-up of a guest PASID', () => {
  const lookup = (before: string, operands: string) =>
    host('sets: { kind: ioasid }', `${before}{ sets.find_by_spid: { ${operands} }, id: FIND }`, {
      ENXIO: 'host.errno == ENXIO',
      ENOENT: 'host.errno == ENOENT',
      EINVAL: 'host.errno == EINVAL',
      found: 'end: sets.found == guest',
      none: 'never: host.errno != OK',
    })
  const bound = '{ sets.bind: { spid: 1, pasid: guest } }, '

  it('finds the host PASID in the set of the VM', () => {
    const r = lookup(bound, 'spid: g1')
    expect([r.verdict('found'), r.verdict('none')]).toEqual(['holds', 'holds'])
  })
  it('is -ENXIO without a set for the current mm, -ENOENT for an unknown number, -EINVAL for none', () => {
    expect(lookup(bound, 'spid: g1, own_mm: false').verdict('ENXIO')).toBe('witnessed')
    expect(lookup(bound, 'spid: g2').verdict('ENOENT')).toBe('witnessed')
    expect(lookup(bound, 'spid: no_spid').verdict('EINVAL')).toBe('witnessed')
  })
  it('refuses to bind one number twice, and forgets it when it is unbound', () => {
    const r = lookup(bound.repeat(2), 'spid: g1')
    expect(r.verdict('EINVAL')).toBe('witnessed')
    expect(lookup(`${bound}{ sets.unbind: { spid: 1 } }, `, 'spid: g1').verdict('ENOENT')).toBe('witnessed')
  })
})

describe('the VDCM', () => {
  const perm = (generation: string) =>
    explored(
      `blocks: { ${ALL}, vdev: { kind: vidxd, generation: ${generation} } }
programs: { guest: [{ vdev.write_msixperm: { vector: 1, spid: g1, low: 3 }, id: PERM, on_error: continue }] }`,
      { trapped: 'done(PERM.trap)' },
    ).register('trapped', 'vdev MSIXPERM[1]')

  it('masks the guest’s value with 0xFFFFF00D in the first generation, and stores it raw in the third', () => {
    expect(perm('G1')).toBe(0x5009)
    expect(perm('G3')).toBe(0x500b)
  })

  it('returns the error of the cookie call where it is not ignored, and the guest’s write has no status either way', () => {
    const cookie = (ignored: boolean) =>
      explored(
        `blocks: { ${ALL}, vdev: { kind: vidxd, cookie_ignored: ${ignored} } }
programs: { guest: [{ sets.bind: { spid: 1, pasid: guest } }, { vdev.write_msixperm: { vector: 1, spid: g1 }, on_error: continue }] }`,
        { error: 'end: guest.errno == EINVAL', none: 'end: guest.errno == OK' },
      )
    expect([cookie(false).verdict('error'), cookie(true).verdict('none')]).toEqual(['holds', 'holds'])
  })

  it('cannot be opened without a PASID: -ENODEV', () => {
    const r = host(`${ALL}, vdev: { kind: vidxd }`, '{ vdev.open: { pasid: invalid } }', {
      refused: 'end: host.errno == ENODEV',
    })
    expect(r.verdict('refused')).toBe('holds')
  })

  it('writes an invalid device PASID into the entry all the same: 20 ones, enabled', () => {
    const r = host(
      `dev: { kind: dsa }, chip: { kind: ims-irqchip }, vfio: { kind: vfio-ims }, sets: { kind: ioasid }, vdev: { kind: vidxd }`,
      '{ vdev.open: { pasid: host } }, { chip.alloc: { slot: 0 } }, { chip.set_auxdata: { slot: 0, pasid: invalid }, id: AUX }',
      { written: 'done(AUX)' },
    )
    expect(r.register('written', 'dev IMS[0]', 3)).toBe(0xfffff009)
  })
})

describe('QEMU', () => {
  it('injects what came while the vector was masked when the guest requests it again', () => {
    const r = explored(
      `blocks: { ${ALL}, vdev: { kind: vidxd, generation: G3 }, qemu: { kind: qemu-msix } }
programs:
  host: [{ vdev.open: { pasid: host } }]
  guest:
    - wait: { until: chip.dev_pasid == host }
    - qemu.request_irq: { vector: 1 }
    - vdev.request_handle: { vector: 1 }
    - qemu.free_irq: { vector: 1 }
    - dev.enqcmd: { descriptor: 0, pasid: host, handle: vdev.handle }
    - { qemu.request_irq: { vector: 1 }, id: AGAIN }`,
      { injects: 'done(AGAIN.trap.injects)', served: 'end: vdev.injected1 && !vdev.PBA1' },
    )
    expect([r.verdict('injects'), r.verdict('served')]).toEqual(['witnessed', 'holds'])
  })
})

describe('SET_IRQS of a mediated device', () => {
  const set = (calls: string, is: Record<string, string>, parameters = '') =>
    host(
      `${CHIP}, validate_pasid: false }, vfio: { kind: vfio-ims ${parameters} }`,
      calls
        .split(';')
        .map((c) => `{ vfio.set_irqs: { ${c} } }`)
        .join(', '),
      is,
    )

  it('clamps a count beyond the vectors, and refuses a range that start moves beyond them', () => {
    expect(
      set('start: 0, count: 3', { all: 'end: vfio.eventfd0 && vfio.eventfd1 && host.errno == OK' }).verdict('all'),
    ).toBe('holds')
    expect(set('start: 2, count: 1', { refused: 'end: host.errno == EINVAL' }).verdict('refused')).toBe('holds')
  })

  it('allocates for every vector, whatever the count', () => {
    const r = set('start: 0, count: 1', { all: 'end: chip.allocated0 && vfio.eventfd0 && !vfio.eventfd1' })
    expect(r.verdict('all')).toBe('holds')
  })

  it('gives everything back with count 0', () => {
    const r = set('start: 0, count: 2; start: 0, count: 0'.replace('; ', ';'), {
      freed: 'end: !chip.allocated0 && !chip.handler0 && !vfio.active && host.errno == OK',
    })
    expect(r.verdict('freed')).toBe('holds')
  })
})
