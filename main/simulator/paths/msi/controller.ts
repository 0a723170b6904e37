/** What a doorbell makes of the data: GICv2m, ITS, MPIC bank (reference 60 §7–§9, 50 §3). */
import { because } from '../../linux/reason'
import type { MsiController } from '../../platform/schema'
import { accepted, type Hop } from '../hop'
import { deviceId } from '../ids'
import { messageRequester } from '../requester'
import { shownRequester, type Scene } from '../situation'
import { FIRST_LPI, type Message } from './message'

export function throughController(scene: Scene, controller: MsiController, { data }: Message, vector: number): Hop[] {
  const { name, source } = controller
  if (controller.kind === 'gicv3-its') {
    const requester = messageRequester(scene.aliases, scene.plan.board)
    const device = deviceId(scene.plan.board, scene.fn, requester)
    const vectors = scene.fn.msix?.vectors ?? scene.fn.msi?.vectors ?? vector + 1
    let entries = 2
    while (entries < vectors) entries *= 2
    return [
      accepted({
        block: 'controller',
        at: name,
        register: 'GITS_TRANSLATER',
        value: `0x${data.toString(16)}`,
        fields: { DeviceID: `0x${device.id.toString(16)}`, EventID: `${data}` },
        because: [
          because(
            'the DeviceID comes beside the write: no device can write another’s',
            '60 §8',
            shownRequester(requester),
            device.by,
            source,
          ),
        ],
      }),
      accepted({
        block: 'remapping',
        at: name,
        register: `ITT[${data}] of DeviceID 0x${device.id.toString(16)}`,
        value: `${FIRST_LPI + vector}`,
        fields: { INTID: `${FIRST_LPI + vector}`, Collection: '0', 'ITT size': `${entries}` },
        chosen: ['INTID', 'Collection'],
        because: [
          because(
            'MAPD and MAPTI were issued when the vectors were allocated; LPIs start at 8192',
            '60 §8; its_create_device',
            `${vectors} vectors`,
          ),
        ],
      }),
    ]
  }
  const v2m = controller.kind === 'gicv2m'
  return [
    accepted({
      block: 'controller',
      at: name,
      register: v2m ? 'SETSPI_NS' : 'MSIIR',
      value: `0x${data.toString(16)}`,
      fields: v2m ? { SPI: `${data}` } : { hwirq: `${data}` },
      because: [
        because(
          v2m
            ? 'the frame raises the SPI that is written, whoever writes it'
            : 'the bank raises the interrupt that is written, whoever writes it',
          v2m ? '60 §7' : '50 §3; 00 S1.12',
          source,
        ),
      ],
    }),
  ]
}
