/**
 * IOASID sets: the guest's own PASID numbers (SPIDs) and the host PASIDs behind them, one set for each VM.
 * Source: the ioasid postings of 2020–21 (80 §8, S4.7); guest → host helper of the VDCM (70 §8).
 */
import { block } from '../../hardware/block'
import { GUEST_PASIDS, PASIDS } from '../../hardware/blocks/pasids'

export const IOASID = block({
  block: 'ioasid',
  title: 'IOASID set of a VM',
  cite: 'ioasid postings 2020–21 (80 §8); 70 §8',
  scope: 'One VM with two guest PASIDs. Other sets are only those in which nothing is found.',
  parameters: {
    pasids: { names: PASIDS },
    spids: { names: GUEST_PASIDS },
    hosts: { names: { unbound: 0, ...PASIDS }, doc: 'what can stand behind a guest PASID' },
  },
  indices: { p: [1, 2] },
  registers: [
    {
      name: 'SET',
      per: ['p'],
      table: 'PASIDs of the VM (ioasid set)',
      cite: '80 §8; 70 §8',
      width: 52,
      fields: [
        {
          name: 'Host PASID',
          as: 'HOST',
          bits: '19:0',
          names: 'hosts',
          meaning: 'the number on the wire and in the IMS',
        },
        { name: 'Guest PASID', bits: '51:32', names: 'spids', fixed: 'g{p}', meaning: 'the guest’s own number (SPID)' },
      ],
    },
  ],
  define: { spid: { per: ['p'], is: 'SET{p}.HOST', doc: 'host PASID behind guest PASID g{p}' } },
  state: {
    exists: { initial: true, doc: 'the VM has a set, found by its mm' },
    found: { names: 'pasids', initial: 'garbage', doc: 'result of the last look-up; uninitialised where it failed' },
    owner: { values: ['vm', 'nobody', 'another'], doc: 'who has been given the host PASID "guest"' },
  },
  operations: {
    bind: {
      doc: 'The guest binds its PASID; the host records the host PASID behind it.',
      by: ['guest', 'vmm', 'host'],
      operands: { spid: { index: 'p' }, pasid: { names: 'pasids' } },
      steps: [
        {
          label: 'g{spid} is bound to {pasid}',
          cases: [
            { if: '!exists || spid{spid} != unbound', errno: 'EINVAL' },
            { set: { 'SET{spid}.HOST': '{pasid}' } },
          ],
        },
      ],
    },
    unbind: {
      doc: 'The guest unbinds its PASID.',
      by: ['guest', 'vmm', 'host'],
      operands: { spid: { index: 'p' } },
      steps: [{ label: 'g{spid} is unbound', set: { 'SET{spid}.HOST': 'unbound' } }],
    },
    find_by_spid: {
      doc: 'The host PASID behind a guest PASID, in the set of the current task’s mm.',
      cite: '70 §8: no set -ENXIO, not found -ENOENT, invalid -EINVAL',
      by: ['host'],
      operands: {
        spid: { expression: 'name' },
        own_mm: { expression: 'bool', default: true, doc: 'the current task has the VM’s mm' },
      },
      steps: [
        {
          label: 'ioasid_find_by_spid',
          cases: [
            { if: '!own_mm || !exists', errno: 'ENXIO', set: { found: 'garbage' } },
            { if: 'spid == no_spid', errno: 'EINVAL', set: { found: 'garbage' } },
            {
              if: '(spid == g1 ? spid1 : spid2) == unbound',
              errno: 'ENOENT',
              set: { found: 'garbage' },
            },
            {
              label: 'the guest’s PASID is found',
              set: { found: 'spid == g1 ? spid1 : spid2' },
            },
          ],
        },
      ],
    },
    free: {
      doc: 'The host PASID goes back to the allocator.',
      by: ['host', 'vmm'],
      steps: [{ label: 'the host PASID is free', set: { owner: 'nobody', 'SET1.HOST': 'unbound' } }],
    },
    allocate_again: {
      doc: 'Another process or VM is given the PASID, as soon as it is free.',
      by: ['host', 'vmm', 'other'],
      steps: [
        { when: 'owner == nobody', label: 'the host PASID is given to somebody else', set: { owner: 'another' } },
      ],
    },
  },
})
