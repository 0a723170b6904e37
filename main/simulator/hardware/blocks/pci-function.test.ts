import { describe, expect, it } from 'vitest'
import { inline } from '../../../../test/support/inline'

const nic = (programs: string, properties: string) =>
  inline(`
blocks: { nic: { kind: pci-function } }
programs:
${programs}
properties:
${properties}
`)

describe('a PCI function', () => {
  it('lets neither DMA nor messages leave while bus mastering is off, although MSI is enabled', () => {
    const r = nic(
      '  host: [{ nic.set_msi: { on: true } }]\n  device: [{ wait: { until: nic.MSI_FLAGS.ENABLE } }, nic.dma_write, nic.interrupt]',
      '  - { name: quiet, never: nic.reached || nic.messages > 0 }\n  - { name: why, sometimes: nic.fault == master_off }',
    )
    expect(r.verdicts()).toMatchObject({ quiet: 'holds', why: 'witnessed', complete: 'holds' })
  })

  it.each([
    ['no message while MSI and MSI-X are off', 'nic.wait_pending', 'message_off', 0],
    [
      'no message while the function mask is set',
      '{ nic.set_msix: { on: true } }, { nic.mask_all: { on: true } }',
      'masked',
      0,
    ],
    ['a message with MSI-X', '{ nic.set_msix: { on: true } }', 'none', 1],
  ])('sends %s', (_, setUp, fault, messages) => {
    const r = nic(
      `  host: [{ nic.set_master: { on: true } }, ${setUp}, nic.wait_pending: { }, { wait: { until: "true" }, id: READY }]`.replace(
        'nic.wait_pending: { }',
        'nic.wait_pending',
      ) + '\n  device: [{ wait: { until: done(READY) } }, nic.interrupt]',
      `  - { name: sent, end: nic.messages == ${messages} && nic.fault == ${fault} }\n  - { name: some, sometimes: done(READY) }`,
    )
    expect(r.verdicts()).toMatchObject({ sent: 'holds', some: 'witnessed' })
  })

  it('takes PASID before ATS: -EINVAL afterwards, -EBUSY the second time', () => {
    const errno = (host: string) =>
      nic(
        `  host: [${host}]`,
        ['OK', 'EINVAL', 'EBUSY'].map((e) => `  - { name: ${e}, end: host.errno == ${e} }`).join('\n'),
      ).verdicts()
    expect(errno('nic.enable_pasid, nic.enable_ats')).toMatchObject({ OK: 'holds' })
    expect(errno('nic.enable_ats, nic.enable_pasid')).toMatchObject({ EINVAL: 'holds' })
    expect(errno('nic.enable_pasid, nic.enable_pasid')).toMatchObject({ EBUSY: 'holds' })
    expect(errno('nic.enable_ats, nic.enable_ats')).toMatchObject({ EBUSY: 'holds' })
  })

  it('cannot enable PRI while old requests are outstanding; a reset forgets them, but not while PRI is on', () => {
    const r = nic(
      `  host:
    - nic.set_master: { on: true }
    - nic.enable_pri
    - { nic.reset_pri: {}, id: EARLY, on_error: continue }
    - { wait: { until: done(ASK) } }
    - nic.disable_pri
    - { nic.enable_pri: {}, id: AGAIN, on_error: continue }
    - nic.reset_pri
    - { nic.enable_pri: {}, id: LAST }
  device: [{ wait: { until: done(EARLY.EBUSY) } }, { nic.page_request: {}, id: ASK }]`,
      '  - { name: early, sometimes: done(EARLY.EBUSY) }\n  - { name: again, sometimes: done(AGAIN.outstanding) }\n  - { name: last, end: nic.PRI_CTRL.ENABLE }',
    )
    expect(r.verdicts()).toMatchObject({ early: 'witnessed', again: 'witnessed', last: 'holds', complete: 'holds' })
  })

  it('loses PRI altogether to a Response Failure', () => {
    const r = nic(
      '  host: [{ nic.set_master: { on: true } }, nic.enable_pri, { nic.response_failure: {}, id: RF }]\n  device: [{ wait: { until: done(RF) } }, nic.page_request]',
      '  - { name: off, end: nic.fault == page_request_off && nic.PRI_STATUS.RF }\n  - { name: some, sometimes: done(RF) }',
    )
    expect(r.verdicts()).toMatchObject({ off: 'holds', some: 'witnessed' })
  })

  const reset = (first: string) =>
    nic(
      `  host:
    - nic.set_master: { on: true }
    - nic.set_msi: { on: true }
    - nic.enable_pasid
    - nic.enable_ats
    - { wait: { until: done(READ) } }
${first}    - { nic.flr: {}, id: FLR }
  device: [{ wait: { until: nic.ATS_CTRL.ENABLE } }, { nic.read: {}, id: READ }]
  fabric: [{ wait: { until: done(READ) } }, nic.completion]`,
      `  - { name: cleared, end: "!nic.COMMAND.MASTER && !nic.MSI_FLAGS.ENABLE && !nic.PASID_CTRL.ENABLE && !nic.ATS_CTRL.ENABLE" }
  - { name: late, never: nic.late_completion }
  - { name: some, sometimes: done(FLR) }`,
    )

  it('comes out of a function level reset with every enable clear', () => {
    expect(reset('').verdicts()).toMatchObject({ cleared: 'holds', some: 'witnessed' })
  })

  it('meets completions of forgotten requests when nobody waited for pending transactions before the reset', () => {
    expect(reset('').verdict('late')).toBe('violated')
    expect(reset('    - nic.wait_pending\n').verdict('late')).toBe('holds')
  })

  it('shows COMMAND with bus master as 0x6', () => {
    const r = nic('  host: [{ nic.set_master: { on: true } }]', '  - { name: on, sometimes: nic.COMMAND.MASTER }')
    expect(r.register('nic COMMAND', 'COMMAND', 'on')).toBe(0x6)
  })
})
