/** From the function to the root complex: who may be master, and under which requester ID the request arrives. */
import { because } from '../linux/reason'
import type { PciFunction } from '../platform/schema'
import { accepted, refused, type Hop } from './hop'
import { shownRequester, type Scene } from './situation'

/** Command.BME of the function, then of every bridge above: without it a bridge takes no request upstream. */
export function masters(scene: Scene): Hop[] {
  const { board } = scene.plan
  const hops: Hop[] = []
  for (const fn of [scene.fn, ...board.topology.bridgesAbove(scene.fn)]) {
    const hop = mastering(fn, fn === scene.fn, scene)
    hops.push(hop)
    if (hop.decision === 'refused') return hops
  }
  return hops
}

function mastering(fn: PciFunction, self: boolean, { situation }: Scene): Hop {
  // VFIO clears it when user space opens the device; the guest's driver sets it again.
  const set = situation.busMaster[fn.bdf] ?? (self && situation.assigned ? true : fn.busMaster)
  const facts =
    set === undefined
      ? [`${fn.bdf}: not recorded, taken as set by its driver`]
      : self && situation.assigned && situation.busMaster[fn.bdf] === undefined
        ? [`${fn.bdf}: the driver that user space runs sets it`]
        : [`${fn.bdf}: Bus Master Enable ${set ? 1 : 0}`]
  const said = {
    block: self ? 'device' : 'bus',
    at: fn.bdf,
    register: 'Command',
    value: set === false ? '0x0' : '0x4',
    fields: { BME: set === false ? '0' : '1' },
    because: [
      because(
        self
          ? 'without Bus Master Enable a function sends no memory write, and so no message either'
          : 'a bridge forwards requests upstream only with Bus Master Enable',
        'PCIe base specification, Command register; 60 §11 (unverified)',
        ...facts,
      ),
    ],
  } as const
  return set === false
    ? refused(said, {
        name: 'BME=0',
        condition: self ? 'Bus Master Enable is 0' : 'Bus Master Enable of the bridge is 0: Unsupported Request',
      })
    : accepted(said)
}

/** The request as it arrives at the root complex. */
export function onBus(
  scene: Scene,
  kind: 'write' | 'read',
  address: bigint,
  more: Readonly<Record<string, string>>,
  chosen: readonly string[],
): Hop {
  const others = scene.aliases.filter((a) => a.id !== scene.requester)
  const owner = scene.aliases.find((a) => a.id === scene.requester)
  return accepted({
    block: 'bus',
    at: scene.plan.board.topology.root(scene.fn).id,
    register: kind === 'write' ? 'Memory Write TLP' : 'Memory Read TLP',
    value: `0x${address.toString(16)}`,
    fields: { 'Requester ID': shownRequester(scene.requester), ...more },
    chosen,
    because: [
      because(
        owner?.by === 'bridge'
          ? 'a bridge from conventional PCI takes the request over with a requester ID of its own'
          : 'the request carries the requester ID of the function',
        '10 §2; 85 §2',
        shownRequester(scene.requester),
        ...others.map(
          (a) => `it may also appear as ${shownRequester(a.id)}${a.by === 'quirk' ? ' (alias quirk)' : ''}`,
        ),
      ),
    ],
  })
}
