/**
 * Page requests of one PASID: from the device into the unit's queue, and the kernel's thread that answers them for
 * whoever owns the PASID at that moment.
 * Source: VT-d 5.10 §7.4–7.11, §11.4.11 (reference 80 §7); Linux 6.12 drivers/iommu/intel/prq.c.
 */
import { block } from '../block'

const OWNERS = ['before', 'after']

export const VTD_PAGE_REQUESTS = block({
  block: 'vtd-page-requests',
  title: 'VT-d page request queue',
  cite: 'VT-d 5.10 §7.4–7.11 (80 §7)',
  scope: 'One PASID, a queue of one request; requests that find it full are answered by the unit and set PRO.',
  registers: [
    {
      name: 'PRS',
      title: 'Page Request Status',
      offset: 0xdc,
      fields: [
        { name: 'PPR', bits: 0, access: 'W1C', meaning: 'a page request is pending' },
        {
          name: 'PRO',
          bits: 1,
          access: 'W1C',
          meaning: 'page request overflow: new requests are answered by the unit',
        },
      ],
    },
  ],
  state: {
    owner: { values: ['nobody', ...OWNERS], initial: 'before', doc: 'whose PASID it is' },
    under_way: { values: ['none', ...OWNERS], doc: 'a request between the device and the queue' },
    queued: { values: ['none', ...OWNERS], doc: 'the request in the queue' },
    stopped: { initial: false, doc: 'the device was told to stop the first owner’s jobs' },
    answered: { values: ['none', 'success', 'invalid', 'automatic'], doc: 'the last page-group response' },
    stranger: { initial: false, doc: 'a request was answered out of another owner’s memory' },
  },
  define: { idle: 'under_way == none && queued == none' },
  operations: {
    request: {
      doc: 'The device asks for a page on behalf of a job, unless it was told to stop that of the first owner.',
      by: ['device'],
      operands: { job: { values: OWNERS } },
      steps: [
        {
          when: 'under_way == none',
          cases: [
            {
              if: 'stopped && {job} == before',
              name: 'stopped',
              return: true,
              label: 'the device has stopped the job',
            },
            { set: { under_way: '{job}' }, label: 'page request of {job}' },
          ],
        },
      ],
    },
    stop: {
      doc: 'Tell the device to stop the first owner’s jobs (drain PASID on DSA).',
      by: ['host'],
      steps: [{ set: { stopped: true }, label: 'the device stops the first owner’s jobs' }],
    },
    drain: {
      doc: 'Wait descriptor with PRQ drain, then wait for an empty queue; once more after an overflow.',
      by: ['host'],
      steps: [
        { step: 'descriptor', when: 'under_way == none', label: 'iwd with drain completes' },
        { step: 'empty', when: 'queued == none', set: { 'PRS.PRO': false }, label: 'the queue is empty' },
      ],
    },
    hand_over: {
      doc: 'Bind the PASID to the next owner.',
      by: ['host'],
      steps: [{ set: { owner: 'after' }, label: 'the PASID belongs to the next owner' }],
    },
    unbind: {
      doc: 'The owner gives the PASID back.',
      by: ['host'],
      steps: [{ set: { owner: 'nobody' }, label: 'the PASID belongs to nobody' }],
    },
  },
  behaviour: [
    {
      agent: 'fabric',
      role: 'fabric',
      title: 'Page requests on their way',
      steps: [
        {
          when: 'under_way != none',
          cases: [
            {
              if: 'queued != none || PRS.PRO',
              name: 'overflow',
              set: { under_way: 'none', 'PRS.PRO': true, answered: 'automatic' },
              label: 'no room: PRO := 1, answered by the unit',
            },
            { set: { under_way: 'none', queued: 'under_way', 'PRS.PPR': true }, label: 'page request queued' },
          ],
        },
      ],
    },
    {
      agent: 'thread',
      role: 'host',
      title: 'Page request thread',
      steps: [
        {
          when: 'queued != none',
          cases: [
            {
              if: 'owner == nobody',
              name: 'invalid',
              set: { queued: 'none', 'PRS.PPR': false, answered: 'invalid' },
              label: 'Invalid Request: nobody owns the PASID',
            },
            {
              set: {
                queued: 'none',
                'PRS.PPR': false,
                answered: 'success',
                stranger: 'stranger || queued != owner',
              },
              label: 'answered out of the owner’s memory',
            },
          ],
        },
      ],
    },
  ],
})
