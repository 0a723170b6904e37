/**
 * The way up from devices to the root complex: a queue from which a later transaction may leave before an earlier one
 * where PCIe's ordering table lets it pass. An MSI is one more posted write.
 *
 * Sources: reference 85 §1 (the table; it is the attribute of the LATER transaction that counts), §2 (MSI and data),
 * §7 (litmus tests L1–L3, L8–L10), §8 (what a link honours). The base specification itself was not at hand (unverified).
 */
import { block, type OperandSpec } from '../block'

const DEPTH = 3
const slots = Array.from({ length: DEPTH }, (_, i) => i)

/** Entry k may leave before entry j. Empty entries stand in nobody's way. */
function passes(k: string, j: number): string {
  const unordered = `tc${k} != tc${j}`
  const relaxed = `(relaxed_ordering && ro${k})`
  const byId = `(id_ordering && function${k} != function${j})`
  // A completion does not pass an earlier one of the same transaction; nor is there a second one under way here.
  return `(${unordered} || kind${j} == completion || ${relaxed} || ${byId})`
}

const ENTRY = ['kind', 'what', 'ro', 'tc', 'function'] as const
const NOTHING: Readonly<Record<(typeof ENTRY)[number], string>> = {
  kind: 'empty',
  what: 'nothing',
  ro: 'false',
  tc: '0',
  function: '0',
}

/** The queue without entry `{slot}`. */
const leave = Object.fromEntries(
  slots.flatMap((i) =>
    ENTRY.map((e) => {
      const next = i + 1 < DEPTH ? `${e}${i + 1}` : NOTHING[e]
      return [`${e}${i}`, i + 1 < DEPTH ? `{slot} <= ${i} ? ${next} : ${e}${i}` : next]
    }),
  ),
)

/** One more transaction behind the last. */
const enter = (t: Record<(typeof ENTRY)[number], string>): Record<string, string> =>
  Object.fromEntries(
    slots.flatMap((i) =>
      ENTRY.map((e) => {
        const here = `${i === 0 ? '' : `kind${i - 1} != empty && `}kind${i} == empty`
        return [`${e}${i}`, `(${here}) ? ${t[e]} : ${e}${i}`]
      }),
    ),
  )

const ROOM = `kind${DEPTH - 1} == empty`
/** Entry `{slot}` is of this kind and nothing before it holds it back. */
const free = (kind: string): string =>
  [`kind{slot} == ${kind}`, ...slots.slice(0, -1).map((j) => `({slot} <= ${j} || ${passes('{slot}', j)})`)].join(' && ')

const ATTRIBUTES: Record<string, OperandSpec> = {
  ro: { flag: true, default: false, doc: 'Relaxed Ordering attribute of this transaction' },
  tc: { integer: [0, 1], default: 0, doc: 'traffic class' },
  function: { integer: [0, 1], default: 0, doc: 'which requester ID it carries' },
}

export const PCIE_LINK = block({
  block: 'pcie-link',
  title: 'PCIe link, upstream',
  cite: '85 §1, §2',
  scope: 'One hop, up to three transactions under way; what the table leaves free (Y/N) may happen.',
  parameters: {
    locations: { names: { data: 0 }, doc: 'what devices write' },
    relaxed_ordering: { default: true, doc: 'the path honours the RO attribute' },
    id_ordering: { default: false, doc: 'the path honours ID-based ordering' },
  },
  indices: { slot: DEPTH, loc: 'locations' },
  state: {
    kind: { per: ['slot'], values: ['empty', 'write', 'msi', 'completion'] },
    what: { per: ['slot'], names: 'locations', and: ['nothing'] },
    ro: { per: ['slot'] },
    tc: { per: ['slot'], range: [0, 1] },
    function: { per: ['slot'], range: [0, 1] },
    visible: { per: ['loc'], doc: 'the write has reached memory' },
    interrupt: { doc: 'the message has reached the interrupt unit' },
    asked: { doc: 'a read of the CPU is at the device' },
    answered: { doc: 'its completion is back' },
  },
  define: { quiet: 'kind0 == empty && !asked' },
  operations: {
    dma_write: {
      doc: 'The device writes memory: posted.',
      by: ['device'],
      operands: { to: { names: 'locations' }, ...ATTRIBUTES },
      steps: [
        {
          label: 'the device posts its write of {to} (RO {ro}, TC {tc})',
          when: ROOM,
          set: enter({ kind: 'write', what: '{to}', ro: '{ro}', tc: '{tc}', function: '{function}' }),
        },
      ],
    },
    msi: {
      doc: 'The device sends its message: a posted write of one DWORD.',
      by: ['device'],
      operands: ATTRIBUTES,
      steps: [
        {
          label: 'the device posts its MSI (RO {ro}, TC {tc})',
          when: ROOM,
          set: enter({ kind: 'msi', what: 'nothing', ro: '{ro}', tc: '{tc}', function: '{function}' }),
        },
      ],
    },
    read: {
      doc: 'The CPU reads a register of the device: the completion comes back the same way as its writes.',
      by: ['host', 'guest', 'vmm', 'irqchip'],
      steps: [
        { step: 'request', label: 'the CPU reads a register of the device', set: { asked: 'true', answered: 'false' } },
        { step: 'completion', label: 'the read returns', when: 'answered', set: { answered: 'false' } },
      ],
    },
  },
  behaviour: [
    {
      agent: 'order',
      title: 'PCIe link',
      role: 'fabric',
      steps: [
        {
          any: true,
          cases: [
            {
              name: 'visible',
              per: ['slot', 'loc'],
              if: `what{slot} == {loc} && ${free('write')}`,
              label: 'the write of {loc} reaches memory',
              set: { 'visible.{loc}': 'true', ...leave },
            },
            {
              name: 'interrupt',
              per: ['slot'],
              if: free('msi'),
              label: 'the message reaches the interrupt unit',
              set: { interrupt: 'true', ...leave },
            },
            {
              name: 'completion',
              per: ['slot'],
              if: free('completion'),
              label: 'the completion reaches the CPU',
              set: { answered: 'true', ...leave },
            },
          ],
        },
      ],
    },
    {
      agent: 'completer',
      title: 'Device, reads',
      role: 'device',
      steps: [
        {
          label: 'the device answers the read behind all that it has posted',
          when: `asked && ${ROOM}`,
          set: {
            asked: 'false',
            ...enter({ kind: 'completion', what: 'nothing', ro: 'false', tc: '0', function: '0' }),
          },
        },
      ],
    },
  ],
})
