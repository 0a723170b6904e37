/**
 * The variables of one mediated device and the machine around it, under the names that properties use:
 * `v1.delivered`, `slot1.pasid`, `perm1.pasid_en`, `spid.guest`, `mdev.pasid`, `irq1.state`, `own.status` …
 */
import { assert } from '../faults'
import { any, constant, equal, variable, type Expr } from '../model/expr'
import type { ModelBuilder } from '../model/builder'
import type { Domain } from '../model/model'
import { pasidHex, type PasidSetup, type Setup } from './setup'

/** "No PASID": nothing in the field. */
export const NONE = 'none'
/** A message that went out without any PASID (PASID_EN clear). */
export const UNTAGGED = 'untagged'

export interface Vector {
  readonly number: number
  readonly msixMask: number
  readonly permPasid: number
  readonly permEnable: number
  readonly slotPasid: number
  readonly slotEnable: number
  readonly slotMask: number
  readonly slotPending: number
  /** Under which PASID the work was accepted whose interrupt is pending (check at dispatch). */
  readonly slotPendingAs: number
  readonly slotMessage: number
  /** The interrupt layer's own copy of the control word. */
  readonly shadowPasid: number
  readonly shadowMask: number
  readonly irqState: number
  readonly irqfd: number
  /** On its way from the device, on its way through the eventfd, and the last one that the guest saw. */
  readonly message: number
  readonly signalled: number
  readonly delivered: number
  readonly bound: number
  readonly lost: number
}

export class World {
  readonly vectors: readonly Vector[]
  readonly mdevPasid: number
  readonly spid = new Map<string, number>()
  readonly pasidDomain: Domain
  readonly stampDomain: Domain
  /** Wire values in the order of `pasidDomain`. */
  readonly hostCodes: readonly number[]
  readonly guestCodes: readonly number[]

  constructor(
    readonly b: ModelBuilder,
    readonly setup: Setup,
    /** Put before every name: empty, or `vm2.` where there are several machines. */
    readonly prefix: string,
  ) {
    const { pasids, device } = setup
    const names = pasids.map((p) => p.name)
    this.pasidDomain = b.enumeration([NONE, ...names])
    this.stampDomain = b.enumeration([NONE, UNTAGGED, ...names])
    this.hostCodes = [0, ...pasids.map((p) => p.host)]
    this.guestCodes = [0, ...pasids.map((p) => p.guest ?? 0)]
    const hostLabels = ['none', ...pasids.map((p) => `${pasidHex(p.host)} (${p.name})`)]
    const guestLabels = [
      'none',
      ...pasids.map((p) => (p.guest === undefined ? 'none' : `${pasidHex(p.guest)} (${p.name})`)),
    ]
    const none = b.name(NONE)
    for (const p of pasids) {
      if (p.guest === undefined) continue
      this.spid.set(
        p.name,
        b.bool(`${prefix}spid.${p.name}`, false, {
          register: `${prefix}ioasid set`,
          field: `${pasidHex(p.guest)} → ${pasidHex(p.host)}`,
          labels: ['absent', 'recorded'],
        }),
      )
    }
    this.mdevPasid = b.variable(`${prefix}mdev.pasid`, this.pasidDomain, none, {
      register: `${prefix}${device.id} struct device`,
      field: 'PASID',
      labels: hostLabels,
    })
    this.vectors = Array.from({ length: device.vectors }, (_, i): Vector => {
      const n = i + 1
      const of = (register: string, field: string, labels?: readonly string[]) => ({
        register: `${prefix}${register}`,
        field,
        ...(labels ? { labels } : {}),
      })
      const pasidVariable = (
        name: string,
        register: string,
        field: string,
        labels: readonly string[],
        control = false,
      ) => b.variable(`${prefix}${name}`, this.pasidDomain, none, { ...of(register, field, labels), control })
      const stamps = ['none', 'without PASID', ...pasids.map((p) => `${pasidHex(p.host)} (${p.name})`)]
      const stamp = (name: string, field: string) =>
        b.variable(`${prefix}${name}`, this.stampDomain, none, of(`interrupt ${n}`, field, stamps))
      return {
        number: n,
        msixMask: b.bool(`${prefix}msix${n}.mask`, true, of(`MSI-X[${n}]`, 'Mask', ['0', '1'])),
        permPasid: pasidVariable(`perm${n}.pasid`, `MSIXPERM[${n}]`, 'PASID', guestLabels),
        permEnable: b.bool(`${prefix}perm${n}.pasid_en`, false, of(`MSIXPERM[${n}]`, 'PASID_EN', ['0', '1'])),
        slotPasid: pasidVariable(`slot${n}.pasid`, `IMS[${n}]`, 'PASID', hostLabels),
        slotEnable: b.bool(`${prefix}slot${n}.pasid_en`, false, of(`IMS[${n}]`, 'PASID_EN', ['0', '1'])),
        slotMask: b.bool(`${prefix}slot${n}.mask`, true, of(`IMS[${n}]`, 'Mask', ['0', '1'])),
        slotPending: b.bool(`${prefix}slot${n}.pending`, false, of(`IMS[${n}]`, 'Pending', ['0', '1'])),
        slotPendingAs: b.variable(
          `${prefix}slot${n}.pending_as`,
          device.check === 'dispatch' ? this.stampDomain : b.enumeration([NONE]),
          none,
          of(`IMS[${n}]`, 'accepted under', stamps),
        ),
        slotMessage: b.bool(
          `${prefix}slot${n}.message`,
          false,
          of(`IMS[${n}]`, 'Message', ['reset value', "host's message"]),
        ),
        shadowPasid: pasidVariable(`shadow${n}.pasid`, `irqchip copy[${n}]`, 'PASID', hostLabels, true),
        shadowMask: b.bool(`${prefix}shadow${n}.mask`, true, { ...of(`irqchip copy[${n}]`, 'Mask'), control: true }),
        irqState: b.variable(
          `${prefix}irq${n}.state`,
          b.enumeration([NONE, 'allocated', 'requested']),
          none,
          of(`host irq ${n}`, 'state'),
        ),
        irqfd: b.bool(`${prefix}irq${n}.irqfd`, false, of(`host irq ${n}`, 'irqfd', ['none', 'routed'])),
        message: stamp(`v${n}.message`, 'message under way'),
        signalled: stamp(`v${n}.signalled`, 'eventfd signalled'),
        delivered: stamp(`v${n}.delivered`, 'delivered under PASID'),
        bound: b.bool(`${prefix}v${n}.bound`, false, of(`interrupt ${n}`, 'guest PASID bound by then')),
        lost: b.bool(`${prefix}v${n}.lost`, false, of(`interrupt ${n}`, 'lost')),
      }
    })
  }

  vector(n: number): Vector {
    const v = this.vectors[n - 1]
    assert(v, `vector ${n}`)
    return v
  }
  pasid(name: string): PasidSetup {
    const p = this.setup.pasids.find((x) => x.name === name)
    assert(p, `PASID ${name}`)
    return p
  }
  is(variableIndex: number, name: string): Expr {
    return equal(variable(variableIndex), this.b.nameExpr(name))
  }
  /** "Some guest PASID is bound." */
  anyBound(): Expr {
    return any([...this.spid.values()].map((v) => variable(v)))
  }
  set(variableIndex: number, value: Expr | string | boolean): { variable: number; value: Expr } {
    return {
      variable: variableIndex,
      value: typeof value === 'string' ? this.b.nameExpr(value) : typeof value === 'boolean' ? constant(value) : value,
    }
  }
}
