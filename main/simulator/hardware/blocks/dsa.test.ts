import { describe, expect, it } from 'vitest'
import { explored } from '../../../../test/support/explored'

/** Message 0xfee00000 / 0x22, unmasked, PASID_EN, as four dwords of an IMS entry; `control` is the last one. */
const entry = (control: number) =>
  `0x${(BigInt(0xfee00000) | (BigInt(0x22) << 64n) | (BigInt(control) << 96n)).toString(16)}`
const GUEST = 0x0002a008
const HOST = 0x00010008

/** One device with an enabled shared queue, whose entry is written by hand, and one descriptor under the PASID `guest`. */
const one = (control: number, more = '', parameters = '') =>
  explored(
    `blocks: { dev: { kind: dsa, queue: enabled ${parameters} } }
programs:
  host:
    - dev.request_ims_handle: { entry: 0 }
    - write: { register: dev.IMS0, value: "${entry(control)}" }
      id: WRITTEN
    - dev.enqcmd: { descriptor: 0, pasid: guest, handle: dev.ims_handle0 }
      id: SUBMIT
${more}`,
    {
      success: 'dev.COMP0.STATUS == success && dev.work0 == finished',
      sent: 'dev.msg0 && dev.msg_pasid0 == guest',
      refused: 'dev.COMP0.STATUS == invalid_interrupt_handle && dev.work0 == finished',
      pasid: 'dev.fault == pasid_mismatch',
      en: 'dev.fault == pasid_en_mismatch',
      handle: 'dev.fault == invalid_handle',
      pending: 'dev.IMS0.PENDING',
      error: 'dev.SWERROR.VALID && dev.INTCAUSE.ERR',
      written: 'done(WRITTEN)',
    },
  )

describe('the check at dispatch', () => {
  it('lets work through whose PASID stands in the entry, and interrupts after the record', () => {
    const r = one(GUEST)
    expect([r.verdict('success'), r.verdict('sent'), r.verdict('refused')]).toEqual([
      'witnessed',
      'witnessed',
      'unwitnessed',
    ])
    const steps = r.steps('sent')
    expect(steps.indexOf('dev.engine0.record.arrives')).toBeLessThan(steps.indexOf('dev.engine0.send.ims0.arrives'))
  })

  it('refuses another PASID with 0x19: not executed, no interrupt, logged in SWERROR', () => {
    const r = one(HOST)
    expect(['refused', 'pasid', 'error', 'success', 'sent'].map(r.verdict)).toEqual([
      'witnessed',
      'witnessed',
      'witnessed',
      'unwitnessed',
      'unwitnessed',
    ])
    // VALID, DESC_VALID and WQ_IDX_VALID, code 0x19; operation 0x03 in bits 39:32, PASID 0x2a in bits 59:40.
    expect(r.register('error', 'dev SWERROR', 0)).toBe(0x190d)
    expect(r.register('error', 'dev SWERROR', 1)).toBe((0x2a << 8) | 0x03)
  })

  it('refuses when PASID_EN of entry and queue differ, either way', () => {
    expect(['en', 'refused', 'success'].map(one(0x0002a000).verdict)).toEqual(['witnessed', 'witnessed', 'unwitnessed'])
    expect(one(GUEST, '', ', pasid_en: false').verdict('en')).toBe('witnessed')
    expect(one(0, '', ', pasid_en: false').verdict('success')).toBe('witnessed')
  })

  it.each([
    ['dev.enqcmd: { descriptor: 0, pasid: guest, handle: 3 }', 'a handle that was never given'],
    [
      'dev.enqcmd: { descriptor: 0, pasid: guest, handle: dev.ims_handle0, ims: false }',
      'the portal of the other table',
    ],
  ])('%s: %s is invalid', (submit) => {
    const r = explored(
      `blocks: { dev: { kind: dsa, queue: enabled } }
programs:
  host:
    - dev.request_ims_handle: { entry: 0 }
    - ${submit}`,
      { handle: 'dev.fault == invalid_handle && dev.COMP0.STATUS == invalid_interrupt_handle' },
    )
    expect(r.verdict('handle')).toBe('witnessed')
  })

  it('does not look at the handle of work that asks for no interrupt', () => {
    const r = explored(
      `blocks: { dev: { kind: dsa, queue: enabled } }
programs: { host: [{ dev.enqcmd: { descriptor: 0, pasid: guest, rci: false } }] }`,
      { done: 'end: dev.COMP0.STATUS == success && !dev.msg0 && !dev.SWERROR.VALID' },
    )
    expect(r.verdict('done')).toBe('holds')
  })

  it('is left out by a device that looks when it sends, or never: the message goes out under what stands there', () => {
    for (const check of ['send', 'none']) {
      const r = one(HOST, '', `, check: ${check}`)
      expect(['success', 'refused', 'sent'].map(r.verdict)).toEqual(['witnessed', 'unwitnessed', 'unwitnessed'])
      expect(r.steps('success')).toContain('dev.engine0.send.ims0')
    }
  })

  it('is over once work is dispatched: a PASID that is changed later retracts no interrupt', () => {
    const r = explored(
      `blocks: { dev: { kind: dsa, queue: enabled } }
programs:
  host:
    - dev.request_ims_handle: { entry: 0 }
    - write: { register: dev.IMS0, value: "${entry(GUEST)}" }
    - dev.enqcmd: { descriptor: 0, pasid: guest, handle: dev.ims_handle0 }
    - wait: { until: dev.work0 == executing }
    - write: { register: dev.IMS0, value: "${entry(HOST)}" }`,
      { sent: 'end: dev.msg0 && dev.COMP0.STATUS == success' },
    )
    expect(r.verdict('sent')).toBe('holds')
  })
})

/** A descriptor of a device with these parameters; what is done to the device before it is submitted. */
const wrong = (operands: string, parameters = '', first = '') =>
  explored(
    `blocks: { dev: { kind: dsa, queue: enabled ${parameters} } }
programs:
  host:
    - dev.request_ims_handle: { entry: 0 }
    - write: { register: dev.IMS0, value: "${entry(GUEST)}" }
${first}
    - ${operands.startsWith('dev.') ? operands : `dev.enqcmd: { descriptor: 0, pasid: guest, handle: dev.ims_handle0, ${operands} }`}`,
    {
      finished: 'dev.work0 == finished',
      executed: 'dev.work0 == executed',
      recorded: 'dev.COMP0.STATUS != none',
      interrupts: 'dev.msg0',
      error: 'dev.SWERROR.VALID',
      waits: 'end: dev.work0 == executing',
    },
  )
const UNMAPPED = '    - dev.unmap_buffers'

describe('a descriptor that is not executed', () => {
  it.each([
    [0x03, 'a page of its buffers is not there', 'rci: true', '', UNMAPPED],
    [0x10, 'its operation is not one of the device', 'opcode: transl_fetch', '', ''],
    [0x11, 'it asks to block on faults, which the queue does not allow', 'bof: true', '', ''],
    [0x12, 'bits that are reserved are set', 'reserved: 1', '', ''],
    [0x13, 'its size is above the queue’s', 'size: mib_4', '', ''],
    [0x14, 'it is a batch of one', 'opcode: batch, size: descriptors_1', '', ''],
    [0x14, 'its batch is above the queue’s', 'opcode: batch, size: descriptors_3', ', max_batch_shift: 1', ''],
    [0x16, 'its buffers overlap', 'destination: overlapping', ', overlap_copy: false', ''],
    [0x17, 'its destinations differ in bits 11:0', 'opcode: dualcast, destination2: other_offset', '', ''],
    [0x18, 'its list is misaligned', 'opcode: batch, size: descriptors_2, list: list_misaligned', '', ''],
    [0x06, 'its list is not there', 'opcode: batch, size: descriptors_2', '', '    - dev.unmap_lists'],
    [0x22, 'its addresses are not translated', 'rci: true', '', '    - dev.refuse_translations'],
    [
      0x04,
      'it may block, and its page request is answered Invalid Request',
      'bof: true',
      ', block_on_fault: true',
      '    - dev.unmap_buffers\n    - dev.answer_invalid',
    ],
    [0x1d, 'it asks for privilege in a shared queue without', 'priv: true', '', ''],
  ])(
    'code %i: %s: the record says so, the interrupt comes, and SWERROR stays clear',
    (code, _why, operands, more, first) => {
      const r = wrong(operands, more, first)
      expect(['finished', 'executed', 'recorded', 'interrupts', 'error'].map(r.verdict)).toEqual([
        'witnessed',
        'unwitnessed',
        'witnessed',
        'witnessed',
        'unwitnessed',
      ])
      expect(r.register('recorded', 'dev COMP[0]')).toBe(code)
      const without = wrong(`${operands}, crav: false`, more, first)
      expect(['recorded', 'interrupts', 'error'].map(without.verdict)).toEqual([
        'unwitnessed',
        'witnessed',
        'witnessed',
      ])
      expect(without.register('error', 'dev SWERROR', 0)).toBe((code << 8) | 0x0d | (code === 0x1d ? 1 << 6 : 0))
      expect(without.register('error', 'dev SWERROR', 3)).toBe(code === 0x11 ? 0x02 : 0)
    },
  )

  it('0x1b: its record is misaligned: there is nowhere to say so but SWERROR', () => {
    const r = wrong('record: misaligned')
    expect(['executed', 'recorded', 'interrupts', 'error'].map(r.verdict)).toEqual([
      'unwitnessed',
      'unwitnessed',
      'witnessed',
      'witnessed',
    ])
    expect(r.register('error', 'dev SWERROR', 0)).toBe(0x1b0d)
  })

  it('0x1a: the page of its record is not there: executed, and SWERROR alone says so', () => {
    const r = wrong('rci: true', '', '    - dev.unmap_records')
    expect(['executed', 'recorded', 'interrupts', 'error'].map(r.verdict)).toEqual([
      'witnessed',
      'unwitnessed',
      'witnessed',
      'witnessed',
    ])
    expect(r.register('error', 'dev SWERROR', 0)).toBe(0x1a0d)
    // Another error says what it is; one record is lost all the same.
    const other = wrong('reserved: 1', '', '    - dev.unmap_records')
    expect(other.verdict('recorded')).toBe('unwitnessed')
    expect(other.register('error', 'dev SWERROR', 0)).toBe(0x120d)
    expect(wrong('rcr: false', '', '    - dev.unmap_records').verdict('error')).toBe('unwitnessed')
  })

  it.each([
    ['destination: overlapping', '', ''],
    ['opcode: dualcast', '', ''],
    ['bof: true', ', block_on_fault: true', ''],
    ['size: mib_4', ', max_transfer_shift: 22', ''],
    ['priv: true', ', privileged: true', ''],
    ['opcode: drain', '', UNMAPPED],
  ])('%s is executed where it is allowed', (operands, more, first) =>
    expect(wrong(operands, more, first).verdict('executed')).toBe('witnessed'),
  )

  it('waits for its pages instead, where it may block, and goes on when they come', () => {
    const r = wrong('bof: true', ', block_on_fault: true', UNMAPPED)
    expect(['waits', 'executed', 'error'].map(r.verdict)).toEqual(['holds', 'unwitnessed', 'unwitnessed'])
    const mapped = wrong('bof: true', ', block_on_fault: true', `${UNMAPPED}\n    - dev.map_buffers`)
    expect(mapped.verdict('executed')).toBe('witnessed')
  })

  it('has no record where none is requested, unless it fails', () => {
    expect(wrong('rcr: false').verdict('recorded')).toBe('unwitnessed')
    expect(wrong('rcr: false').verdict('interrupts')).toBe('witnessed')
    expect(wrong('rcr: false, reserved: 3').verdict('recorded')).toBe('witnessed')
  })

  it('is refused with 0x19 before anything else is looked at, in SWERROR alone where it has no record', () => {
    const handle = explored(
      `blocks: { dev: { kind: dsa, queue: enabled } }
programs: { host: [{ dev.enqcmd: { descriptor: 0, pasid: guest, handle: 3, reserved: 1, crav: false } }] }`,
      { refused: 'end: dev.SWERROR.ERROR == error_0x19 && dev.COMP0.STATUS == none && !dev.msg0' },
    )
    expect(handle.verdict('refused')).toBe('holds')
  })
})

/** A batch of the two descriptors after it, the second of which is as said. */
const batch = (second: string, parameters = '', first = '', count = 'descriptors_2') =>
  explored(
    `blocks: { dev: { kind: dsa, queue: enabled, pasid_en: false, handles: index, descriptors: 3 ${parameters} } }
programs:
  host:
    - dev.list: { descriptor: 1, rci: false }
    - dev.list: { descriptor: 2, rci: false ${second} }
${first}
    - dev.enqcmd: { descriptor: 0, pasid: guest, opcode: batch, size: ${count}, rci: false }
    - wait: { until: dev.work0 == finished || dev.work0 == idle }`,
    {
      success: 'end: dev.COMP0.STATUS == success',
      failed: 'end: dev.COMP0.STATUS == batch_failed',
      all: 'end: dev.COMP1.STATUS == success && dev.COMP2.STATUS == success',
      other: 'end: dev.COMP1.STATUS == success',
      nested: 'end: dev.COMP2.STATUS == unsupported_operation',
      early: 'never: dev.COMP0.STATUS == success && (dev.COMP1.STATUS == none || dev.COMP2.STATUS == none)',
      untouched: 'never: dev.COMP1.STATUS != none || dev.COMP2.STATUS != none',
      pasid: 'never: dev.work1 == executing && dev.by1 != guest',
      error: 'dev.SWERROR.VALID',
    },
  )

describe('a batch', () => {
  it('executes the descriptors of its list under its own PASID, and is complete when they all are', () => {
    expect(['success', 'all', 'early', 'pasid'].map(batch('').verdict)).toEqual(['holds', 'holds', 'holds', 'holds'])
  })
  it('is complete with 0x05 where one of them fails; the others are executed', () => {
    expect(['failed', 'other'].map(batch(', reserved: 1').verdict)).toEqual(['holds', 'holds'])
  })
  it.each(['batch, size: descriptors_2', 'drain'])('may not hold a %s', (opcode) => {
    expect(['failed', 'other', 'nested'].map(batch(`, opcode: ${opcode}`).verdict)).toEqual(['holds', 'holds', 'holds'])
  })
  it('fetches nothing where something is wrong with itself', () => {
    const refused = batch('', ', max_batch_shift: 0')
    expect(['success', 'untouched'].map(refused.verdict)).toEqual(['violated', 'holds'])
  })
  it('says in SWERROR which of its descriptors it was: bit 4 and the index from 0', () => {
    const r = batch(', reserved: 1, crav: false')
    expect(r.register('error', 'dev SWERROR', 0)).toBe(0x121d)
    expect(r.register('error', 'dev SWERROR', 2)).toBe(1)
  })
})

describe('Mask, Pending and Ignore', () => {
  it('are looked at when the work is complete: a masked entry sets Pending, and sends when it is unmasked', () => {
    const masked = one(GUEST | 1)
    expect([masked.verdict('pending'), masked.verdict('sent')]).toEqual(['witnessed', 'unwitnessed'])
    expect(masked.register('pending', 'dev IMS[0]', 3)).toBe(GUEST | 3)
    const unmasked = one(
      GUEST | 1,
      `    - wait: { until: dev.IMS0.PENDING }
    - write: { register: dev.IMS0, value: "${entry(GUEST)}" }`,
    )
    expect(unmasked.verdict('sent')).toBe('witnessed')
    expect(unmasked.steps('sent')).toContain('dev.pending0.release')
  })

  it('with Ignore no interrupt is sent, and nothing is pending', () => {
    const r = one(GUEST | 4)
    expect(['success', 'sent', 'pending'].map(r.verdict)).toEqual(['witnessed', 'unwitnessed', 'unwitnessed'])
  })

  it('the MSI-X table has the same, in MSIXPERM, vector control and the PBA', () => {
    const r = explored(
      `blocks: { dev: { kind: dsa, queue: enabled } }
programs:
  host:
    - dev.request_msix_handle: { entry: 1 }
    - dev.write_msixperm: { vector: 1, pasid: guest }
    - dev.read_back: {}
      id: FLUSH
    - either: [[], [{ write: { register: dev.MSIXPERM1, value: 0x2a00c } }]]
    - dev.enqcmd: { descriptor: 0, pasid: guest, handle: dev.msix_handle1, ims: false }
    - wait: { until: dev.work0 == finished }
    - write: { register: dev.MSIX1, value: 0 }`,
      {
        table: 'done(FLUSH)',
        pending: 'dev.pba1',
        sent: 'dev.msgx1 && dev.msgx_pasid1 == guest && !dev.MSIXPERM1.IGNORE',
        ignored: 'never: dev.MSIXPERM1.IGNORE && (dev.msgx1 || dev.pba1)',
      },
    )
    expect(r.register('table', 'dev MSIXPERM[1]')).toBe(0x0002a008)
    expect(['pending', 'sent', 'ignored'].map(r.verdict)).toEqual(['witnessed', 'witnessed', 'holds'])
  })
})

describe('SWERROR', () => {
  const twice = (more: string) =>
    explored(
      `blocks: { dev: { kind: dsa, queue: enabled, descriptors: 2 } }
programs:
  host:
    - dev.enqcmd: { descriptor: 0, pasid: guest }
    - wait: { until: dev.work0 == finished }
    - dev.enqcmd: { descriptor: 1, pasid: host }
    - wait: { until: dev.work1 == finished }
${more}`,
      {
        first: 'end: dev.SWERROR.VALID && dev.SWERROR.OVERFLOW && dev.SWERROR.PASID == guest',
        cleared: 'end: !dev.SWERROR.VALID && !dev.SWERROR.OVERFLOW',
      },
    )
  it('keeps the first error only; a second sets OVERFLOW', () => {
    expect(twice('').verdict('first')).toBe('holds')
  })
  it('is cleared by writing ones to VALID and OVERFLOW', () => {
    expect(twice('    - write: { register: dev.SWERROR, value: 3 }').verdict('cleared')).toBe('holds')
  })
})

describe('commands', () => {
  const errors = (parameters: string, commands: string, error: string) =>
    explored(
      `blocks: { dev: { kind: dsa, slots: 2 ${parameters} } }
programs: { host: [${commands}] }`,
      { error: `end: host.errno == ${error}` },
    )
  const withCode = (parameters: string, commands: string, code: string) =>
    explored(
      `blocks: { dev: { kind: dsa, slots: 2 ${parameters} } }
programs: { host: [${commands}] }`,
      { code: `end: host.errno == ENXIO && dev.CMDSTS.ERR == ${code} && dev.fault == command_refused` },
    )

  it.each([
    ['0x20: the device is not enabled', ', device: device_disabled', 'dev.enable_wq', 'device_not_enabled'],
    ['0x32: the queue is not enabled', '', 'dev.disable_wq', 'wq_not_enabled'],
    ['0x41: the index is beyond the table', '', '{ dev.request_ims_handle: { entry: 2 } }', 'invalid_handle_index'],
    ['0x41: MSI-X entry 0 has no handle', '', '{ dev.request_msix_handle: { entry: 0 } }', 'invalid_handle_index'],
    [
      '0x41: a handle is released twice',
      '',
      '{ dev.request_ims_handle: { entry: 0 } }, { dev.release_ims_handle: { entry: 0 } }, { dev.release_ims_handle: { entry: 0 } }',
      'invalid_handle_index',
    ],
    [
      '0x42: no handle is left',
      ', free_handles: 1',
      '{ dev.request_ims_handle: { entry: 0 } }, { dev.request_ims_handle: { entry: 1 } }',
      'no_handle',
    ],
  ])('%s, and the kernel returns -ENXIO', (_, parameters, commands, code) => {
    expect(withCode(parameters, commands, code).verdict('code')).toBe('holds')
  })

  it.each([
    ['0x21: the queue is enabled already', ', queue: enabled', 'dev.enable_wq', 'wq_enabled'],
    ['0x32: a drain while the queue is not enabled', '', 'dev.drain_wq', 'wq_not_enabled'],
  ])('%s, and the kernel goes on', (_, parameters, commands, code) => {
    const r = explored(`blocks: { dev: { kind: dsa ${parameters} } }\nprograms: { host: [${commands}] }`, {
      code: `end: host.errno == OK && dev.CMDSTS.ERR == ${code} && dev.fault == command_refused`,
    })
    expect(r.verdict('code')).toBe('holds')
  })

  it.each([
    ['{ dev.request_ims_handle: { entry: 1 }, id: C }', 0x80d10001],
    ['{ dev.request_msix_handle: { entry: 1 }, id: C }', 0x80d00001],
    ['{ dev.request_ims_handle: { entry: 1 } }, { dev.release_ims_handle: { entry: 1 }, id: C }', 0x00e10002],
    ['dev.enable_wq, { dev.drain_wq: {}, id: C }', 0x80800001],
    ['dev.enable_wq, { dev.drain_pasid: { pasid: guest }, id: C }', 0x80b0002a],
    ['{ dev.enable_wq: {}, id: C }', 0x80600000],
  ])('%s writes CMD %i', (commands, value) => {
    const r = explored(`blocks: { dev: { kind: dsa, slots: 2 } }\nprograms: { host: [${commands}] }`, {
      written: 'done(C)',
    })
    expect(r.register('written', 'dev CMD')).toBe(value)
  })

  it('without command 13 a request is -EOPNOTSUPP, and the handle is the index', () => {
    expect(errors(', handles: index', '{ dev.request_ims_handle: { entry: 1 } }', 'EOPNOTSUPP').verdict('error')).toBe(
      'holds',
    )
    const r = explored(
      `blocks: { dev: { kind: dsa, handles: index, queue: enabled, pasid_en: false } }
programs: { host: [{ dev.enqcmd: { descriptor: 0, pasid: nil, handle: 0 } }] }`,
      { done: 'end: dev.COMP0.STATUS == success' },
    )
    expect(r.verdict('done')).toBe('holds')
  })

  it('a revocation makes every handle invalid and sets INTCAUSE bit 31; a new request gives another number', () => {
    const r = explored(
      `blocks: { dev: { kind: dsa, queue: enabled, pasid_en: false } }
agents: { migration: { role: vmm } }
programs:
  migration: [{ dev.request_ims_handle: { entry: 0 } }, dev.revoke_handles, { dev.enqcmd: { descriptor: 0, pasid: nil, handle: dev.ims_handle0 } }, { wait: { until: dev.work0 == finished } }, { dev.request_ims_handle: { entry: 0 } }]`,
      {
        dead: 'end: dev.COMP0.STATUS == invalid_interrupt_handle',
        bit: 'dev.INTCAUSE.INT_HANDLE_REVOKED',
        number: 'end: dev.ims_handle0 == 5 && dev.CMDSTS.RESULT == 5',
      },
    )
    expect([r.verdict('dead'), r.verdict('number')]).toEqual(['holds', 'holds'])
    expect(r.register('bit', 'dev INTCAUSE')).toBe(0x80000000)
  })

  const busy = (command: string) =>
    explored(
      `blocks: { dev: { kind: dsa, queue: enabled, descriptors: 2, pasid_en: false, handles: index } }
programs:
  host:
    - dev.enqcmd: { descriptor: 0, pasid: guest }
    - dev.enqcmd: { descriptor: 1, pasid: other }
    - dev.${command}
      id: COMMAND`,
      {
        drained: 'never: done(COMMAND) && (dev.COMP0.STATUS == none || dev.COMP1.STATUS == none)',
        rest: 'never: done(COMMAND) && !dev.empty',
        discarded: 'done(COMMAND) && dev.COMP0.STATUS == none && dev.COMP1.STATUS == none',
        one: 'never: done(COMMAND) && dev.work0 != idle && dev.work0 != finished',
        other: 'done(COMMAND) && dev.work1 == executing',
      },
    )

  it('a drain ends when every record is written', () => {
    expect(busy('drain_wq: {}').verdict('drained')).toBe('holds')
  })
  it('an abort leaves nothing at work, and discards what had not been executed', () => {
    const r = busy('abort_wq: {}')
    expect(['rest', 'discarded'].map(r.verdict)).toEqual(['holds', 'witnessed'])
  })
  it('drain PASID and abort PASID wait for the work of that PASID alone', () => {
    for (const command of ['drain_pasid', 'abort_pasid'])
      expect(['one', 'other'].map(busy(`${command}: { pasid: guest }`).verdict)).toEqual(['holds', 'witnessed'])
  })
})

describe('a Drain descriptor', () => {
  it('completes after the descriptors before it', () => {
    const r = explored(
      `blocks: { dev: { kind: dsa, queue: enabled, descriptors: 2 } }
programs:
  host:
    - dev.enqcmd: { descriptor: 0, pasid: guest, rci: false }
    - dev.enqcmd: { descriptor: 1, pasid: guest, rci: false, opcode: drain }`,
      { order: 'never: dev.COMP1.STATUS == success && dev.COMP0.STATUS == none', done: 'dev.COMP1.STATUS == success' },
    )
    expect([r.verdict('order'), r.verdict('done')]).toEqual(['holds', 'witnessed'])
  })
})

describe('WQCFG', () => {
  it('holds mode, PASID and PASID enable in the dword at byte 8, and its state in the one at byte 24', () => {
    const r = explored(
      `blocks: { dev: { kind: dsa, mode: dedicated } }
programs: { host: [{ dev.configure_wq: { pasid: guest } }, { dev.enable_wq: {}, id: ON }, { dev.configure_wq: { pasid: host }, id: LATE }] }`,
      { on: 'done(ON)', late: 'done(LATE.ignored)' },
    )
    expect(r.register('on', 'dev WQCFG', 2)).toBe((0x2a << 8) | (1 << 28) | 1)
    expect(r.register('on', 'dev WQCFG', 6) >>> 30).toBe(1)
    expect(r.register('late', 'dev WQCFG', 2)).toBe((0x2a << 8) | (1 << 28) | 1)
  })
})
