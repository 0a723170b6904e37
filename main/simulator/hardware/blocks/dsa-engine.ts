/**
 * What a DSA does on its own: accepts posted descriptors, checks and executes them, writes the completion record, and
 * after it the interrupt. Source: DSA 3.0, check procedure (70 §4.1), ordering inside the device (70 §12).
 */
import type { z } from 'zod'
import type { BehaviourSpec } from '../block'
import { CHECKS, FAILED, logged, MOVES } from './dsa-checks'

type Behaviour = z.input<typeof BehaviourSpec>

const REFUSED = { 'work{d}': 'refused', ...FAILED, ...logged('error_0x19') }

const PORTAL: Behaviour = {
  agent: 'portal',
  title: 'DSA portal, descriptor {d}',
  per: ['d'],
  steps: [
    {
      step: 'takes',
      when: 'work{d} == posted',
      cite: '70 §7',
      cases: [
        {
          if: 'accepts && WQCFG.MODE == dedicated',
          label: 'descriptor {d} enters the queue under the PASID of WQCFG',
          set: { 'work{d}': 'queued', 'by{d}': 'WQCFG.PASID' },
        },
        {
          name: 'dropped',
          label: 'descriptor {d} is dropped: the queue is shared or not enabled, and a posted write has no status',
          set: { 'work{d}': 'idle', 'dropped{d}': true },
        },
      ],
    },
  ],
}

const EXECUTE: Behaviour = {
  agent: 'engine',
  title: 'DSA engine, descriptor {d}',
  per: ['d'],
  steps: [
    {
      step: 'dispatch',
      when: 'work{d} == queued && (DESC{d}.OPCODE != drain || batched{d} > 0 || others_done{d} || ends_early{d})',
      cite: 'DSA 3.0 (70 §4.1)',
      cases: [
        {
          if: 'ends_early{d}',
          name: 'aborted',
          label: 'descriptor {d} aborted',
          set: { 'work{d}': 'idle' },
          return: true,
        },
        {
          if: '!DESC{d}.RCI',
          name: 'unchecked',
          label: 'descriptor {d} dispatched: without RCI the handle is not checked',
          set: { 'work{d}': 'executing' },
        },
        {
          per: ['s'],
          if: 'passes{d} && hit_ims{d}_{s}',
          name: 'ims{s}',
          label: 'descriptor {d} dispatched through IMS[{s}]',
          set: { 'work{d}': 'executing', 'entry{d}': '{s}' },
        },
        {
          per: ['v'],
          if: 'passes{d} && hit_msix{d}_{v}',
          name: 'msix{v}',
          label: 'descriptor {d} dispatched through MSIXPERM[{v}]',
          set: { 'work{d}': 'executing', 'entry{d}': '{v}' },
        },
        {
          if: '!hit{d}',
          fault: 'invalid_handle',
          label: 'descriptor {d}: its handle is not valid: 0x19, not executed',
          set: REFUSED,
        },
        {
          if: '!same_en{d}',
          fault: 'pasid_en_mismatch',
          label: 'descriptor {d}: PASID_EN of the entry and of WQCFG differ: 0x19, not executed',
          set: REFUSED,
        },
        {
          fault: 'pasid_mismatch',
          label: 'descriptor {d}: the entry holds another PASID: 0x19, not executed',
          set: REFUSED,
        },
      ],
    },
    {
      step: 'execute',
      when: `(mapped || answers_invalid || work{d} != executing || !${MOVES} || !(DESC{d}.BOF && WQCFG.BOF) || ends_early{d}) && (!batching{d} || batch_done{d} || ends_early{d})`,
      cite: 'DSA 3.0 (70 §4.1, §6)',
      cases: [
        {
          if: 'ends_early{d}',
          name: 'aborted',
          label: 'descriptor {d} aborted',
          set: { 'work{d}': 'idle' },
          return: true,
        },
        { if: 'work{d} == refused', name: 'refused', label: 'descriptor {d} is not executed' },
        ...CHECKS,
        { label: 'descriptor {d} executed', set: { 'work{d}': 'executed' } },
      ],
    },
    {
      step: 'record',
      posted: 'tc{record_tc}',
      cite: '70 §4, §6, §12',
      cases: [
        {
          if: 'no_record{d} || work{d} == executed && !DESC{d}.RCR',
          name: 'none',
          label: 'no completion record of descriptor {d}',
        },
        {
          label: 'completion record of descriptor {d}',
          set: {
            'COMP{d}.STATUS': 'work{d} == refused ? invalid_interrupt_handle : work{d} == failed ? error{d} : success',
          },
        },
      ],
    },
    {
      step: 'gate',
      cite: '70 §4.1 step 5: Ignore and Mask are looked at now, the PASID is not',
      cases: [
        {
          if: 'work{d} == refused || !DESC{d}.RCI',
          name: 'silent',
          label: 'no interrupt for descriptor {d}',
          set: { 'work{d}': 'finished' },
          return: true,
        },
        {
          per: ['s'],
          if: 'ims{d} && entry{d} == {s} && IMS{s}.IGNORE',
          name: 'ignored{s}',
          label: 'IMS[{s}] has Ignore set: no interrupt',
          set: { 'work{d}': 'finished' },
          return: true,
        },
        {
          per: ['s'],
          if: 'ims{d} && entry{d} == {s} && IMS{s}.MASK',
          name: 'masked{s}',
          label: 'IMS[{s}] is masked: Pending set',
          set: { 'IMS{s}.PENDING': true, 'work{d}': 'finished' },
          return: true,
        },
        {
          per: ['v'],
          if: '!ims{d} && entry{d} == {v} && MSIXPERM{v}.IGNORE',
          name: 'msix_ignored{v}',
          label: 'MSIXPERM[{v}] has Ignore set: no interrupt',
          set: { 'work{d}': 'finished' },
          return: true,
        },
        {
          per: ['v'],
          if: '!ims{d} && entry{d} == {v} && MSIX{v}.MASK',
          name: 'msix_masked{v}',
          label: 'MSI-X entry {v} is masked: Pending set',
          set: { 'pba{v}': true, 'work{d}': 'finished' },
          return: true,
        },
        { label: 'descriptor {d} interrupts', set: { 'work{d}': 'sending' } },
      ],
    },
    {
      step: 'send',
      posted: 'tc0',
      cite: '70 §4.1 step 5; 85 §2',
      cases: [
        {
          per: ['s'],
          if: 'ims{d} && entry{d} == {s}',
          name: 'ims{s}',
          label: 'message of IMS[{s}]',
          set: { 'msg{s}': true, 'msg_pasid{s}': 'IMS{s}.PASID', 'msg_data{s}': 'IMS{s}.DATA' },
        },
        {
          per: ['v'],
          if: '!ims{d} && entry{d} == {v}',
          name: 'msix{v}',
          label: 'message of MSI-X entry {v}',
          set: { 'msgx{v}': true, 'msgx_pasid{v}': 'MSIXPERM{v}.PASID' },
        },
      ],
    },
    { step: 'finish', label: 'descriptor {d} is done', set: { 'work{d}': 'finished' } },
  ],
}

const PENDING: Behaviour = {
  agent: 'pending',
  title: 'DSA, Pending of IMS[{s}]',
  per: ['s'],
  steps: [
    {
      step: 'release',
      when: 'IMS{s}.PENDING && !IMS{s}.MASK',
      label: 'IMS[{s}] is unmasked with Pending set',
      set: { 'IMS{s}.PENDING': false, 'releasing{s}': true },
      cite: '70 §4.1 step 5; 85 §5',
    },
    {
      step: 'send',
      posted: 'tc0',
      label: 'pending message of IMS[{s}]',
      set: { 'msg{s}': true, 'msg_pasid{s}': 'IMS{s}.PASID', 'msg_data{s}': 'IMS{s}.DATA' },
    },
    { step: 'finish', label: 'Pending of IMS[{s}] is done with', set: { 'releasing{s}': false } },
  ],
}

const PENDING_MSIX: Behaviour = {
  agent: 'pending_msix',
  title: 'DSA, Pending of MSI-X entry {v}',
  per: ['v'],
  steps: [
    {
      step: 'release',
      when: 'pba{v} && !MSIX{v}.MASK',
      label: 'MSI-X entry {v} is unmasked with Pending set',
      set: { 'pba{v}': false, 'releasing_msix{v}': true },
      cite: '85 §5',
    },
    {
      step: 'send',
      posted: 'tc0',
      label: 'pending message of MSI-X entry {v}',
      set: { 'msgx{v}': true, 'msgx_pasid{v}': 'MSIXPERM{v}.PASID' },
    },
    { step: 'finish', label: 'Pending of MSI-X entry {v} is done with', set: { 'releasing_msix{v}': false } },
  ],
}

/** A descriptor of a batch has the PASID and the table of the batch; nothing says in which order they are executed. */
const BATCH: Behaviour = {
  agent: 'batch',
  title: 'DSA batch, descriptor {e}',
  per: ['e'],
  steps: [
    {
      step: 'fetch',
      when: 'work{e} == listed && any{d: batching{d} && {e} > {d} && {e} - {d} <= count{d}}',
      cite: 'DSA 3.0 (70 §4, §6)',
      cases: [
        {
          per: ['d'],
          if: 'batching{d} && {e} > {d} && {e} - {d} <= count{d}',
          name: 'of{d}',
          label: 'descriptor {e} fetched from the list of batch {d}',
          set: {
            'work{e}': 'queued',
            'by{e}': 'by{d}',
            'ims{e}': 'ims{d}',
            'DESC{e}.PRIV': 'DESC{d}.PRIV',
            'batched{e}': '({e}) - ({d})',
          },
        },
      ],
    },
  ],
}

export const ENGINE: Behaviour[] = [PORTAL, EXECUTE, BATCH, PENDING, PENDING_MSIX]
