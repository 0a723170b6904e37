/** The plan of the platform that the topology shows: under the machine's own kernel and command line, or under others. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { GuestRam, Platform, PlanSubject, WireError } from '../../preload/contract'
import { useHost, type Answer, type Response } from '../bridge/host'
import { indexPlan, type Plan, type PlanIndex } from '../model/plan'
import { withPlanned } from '../model/planned'
import { platformName, useCatalogue } from './catalogue'
import { useChecks } from './checks'
import { useDocuments } from './documents'
import { useImporting } from './importing'

export interface Planned {
  name: string
  platform: Platform
  subject: PlanSubject
}

export interface LadderOptions {
  readonly iommufd?: boolean
  bindGroup: 0 | 1 | 2
  unsafe: boolean
}

export const usePlanning = defineStore('planning', () => {
  const host = useHost()
  const catalogue = useCatalogue()
  const checks = useChecks()
  const documents = useDocuments()
  /** A release or a design; '' is the machine's own kernel. */
  const kernel = ref('')
  /** null: the machine's own. */
  const cmdline = ref<string | null>(null)
  /** The kernel of a crash dump. */
  const kdump = ref(false)
  /** Function → virtual functions that are planned for it; never 0. */
  const sriov = ref<ReadonlyMap<string, number>>(new Map())
  const guest = shallowRef<GuestRam | null>(null)
  const plan = shallowRef<Plan | null>(null)
  const error = shallowRef<WireError | null>(null)
  const computing = ref(false)
  /** Panels that look: nothing is computed for nobody. */
  const lookers = ref(0)
  let controller: AbortController | undefined

  const shown = computed((): Planned | null => {
    if (catalogue.shown) {
      const { id, platform } = catalogue.shown
      return { name: platformName(id), platform, subject: id }
    }
    const platform = checks.board ?? checks.view?.platform
    return platform ? { name: platform.name, platform, subject: { given: platform } } : null
  })
  /** A scenario's view is made anew at each keystroke; its platform is seldom another. */
  const key = computed(() => (lookers.value > 0 && shown.value ? JSON.stringify(shown.value.subject) : null))
  /** What is asked of one machine is not asked of another; a board stays the same one while it is edited. */
  const machineKey = computed(() => (checks.board && !catalogue.shown ? `board ${documents.activeKey}` : key.value))
  const open = computed(() => lookers.value > 0)
  const index = computed((): PlanIndex | null => (open.value && plan.value ? indexPlan(plan.value) : null))
  /** Another kernel or command line than the machine's own is planned. */
  const foreign = computed(() => kernel.value !== '' || cmdline.value !== null || kdump.value)
  const changed = computed(() => foreign.value || sriov.value.size > 0)
  /** The same list while it says the same: the topology is laid out anew for another one. */
  const planned = computed((before?: Plan['planned']): Plan['planned'] => {
    const next = open.value && plan.value ? plan.value.planned : []
    const names = (list?: Plan['planned']) => list?.map((f) => f.bdf).join()
    return before && names(before) === names(next) ? before : next
  })
  const plannedSet = computed(() => new Set(planned.value.map((f) => f.bdf)))
  /** The platform with the functions that are planned. */
  const machine = computed(() => (shown.value ? withPlanned(shown.value.platform, planned.value) : null))

  const arm = computed(() => shown.value?.platform.arch === 'arm64')

  /** A place in the panel that a command wants to be in; the place takes it back. */
  const wanted = ref<'guest' | 'check' | 'listing' | null>(null)
  /** The groups are drawn in the topology, too. */
  const hulls = ref(true)
  /** The group that is pointed out in plan and topology, by its functions: numbers change with the plan. */
  const chosenGroup = ref<string | null>(null)
  const chosen = computed(() => {
    const at = plan.value?.groups.findIndex((g) => g.devices.join() === chosenGroup.value) ?? -1
    return at < 0 ? null : at + 1
  })
  function chooseGroup(number: number | null): void {
    const group = number === null ? undefined : plan.value?.groups[number - 1]
    chosenGroup.value = group?.devices.join() ?? null
  }

  const request = (subject: PlanSubject) => ({
    platform: subject,
    ...(kernel.value !== '' ? { kernel: kernel.value } : {}),
    ...(cmdline.value !== null ? { cmdline: cmdline.value } : {}),
    ...(kdump.value ? { kdump: true } : {}),
    ...(sriov.value.size > 0 ? { sriov: [...sriov.value].map(([bdf, count]) => ({ bdf, count })) } : {}),
  })

  async function compute(): Promise<void> {
    controller?.abort()
    const now = shown.value
    if (!now) {
      plan.value = null
      return
    }
    const mine = new AbortController()
    controller = mine
    computing.value = true
    const answer = await host.call(
      'plan.compute',
      { ...request(now.subject), ...(guest.value ? { guest: guest.value } : {}) },
      { signal: mine.signal },
    )
    if (controller !== mine) return
    computing.value = false
    error.value = answer.ok ? null : answer.error
    plan.value = answer.ok ? answer.value : null
  }

  let of = machineKey.value
  watch(key, (next, before) => {
    if (next === before || next === null) return
    const same = machineKey.value === of
    of = machineKey.value
    if (same) return void compute()
    kernel.value = ''
    cmdline.value = null
    kdump.value = false
    sriov.value = new Map()
    chosenGroup.value = null
    // The same guest on the other machine: QEMU's layout goes with the architecture.
    if (guest.value && (guest.value.machine === 'virt') !== arm.value)
      guest.value = { ...guest.value, machine: arm.value ? 'virt' : 'q35' }
    plan.value = null
    void compute()
  })

  // The same name may be another machine now.
  useImporting().onImported((name) => {
    const subject = shown.value?.subject
    if (open.value && subject && 'imported' in subject && subject.imported === name && plan.value) void compute()
  })

  function choose(next: { kernel?: string; cmdline?: string | null; guest?: GuestRam | null; kdump?: boolean }): void {
    if (next.kdump !== undefined) kdump.value = next.kdump
    if (next.kernel !== undefined) kernel.value = next.kernel
    if (next.cmdline !== undefined) {
      const own = plan.value?.own?.cmdline ?? shown.value?.platform.kernel.cmdline ?? ''
      cmdline.value = next.cmdline?.trim() === own.trim() ? null : next.cmdline
    }
    if (next.guest !== undefined) guest.value = next.guest
    void compute()
  }

  /** So many virtual functions of this function; 0: none but those that exist. */
  function planFunctions(bdf: string, count: number): void {
    const next = new Map(sriov.value)
    if (count > 0) next.set(bdf, count)
    else next.delete(bdf)
    sriov.value = next
    void compute()
  }

  /** The machine as it is: its own kernel and command line, no function that is only planned. */
  function chooseOwn(): void {
    sriov.value = new Map()
    choose({ kernel: '', cmdline: null, kdump: false })
  }

  /** The steps of handing one function to user space under the kernel that is planned. */
  async function attach(device: string, options: LadderOptions): Promise<Answer<Response<'plan.attach'>>> {
    const now = shown.value
    if (!now) return { ok: false, error: { code: 'PLATFORM_UNKNOWN', message: 'No platform is shown' } }
    return host.call('plan.attach', { ...request(now.subject), device, ...options })
  }

  /** What writes to the `type` file of a function's group answer. */
  async function types(device: string): Promise<Answer<Response<'plan.types'>>> {
    const now = shown.value
    if (!now) return { ok: false, error: { code: 'PLATFORM_UNKNOWN', message: 'No platform is shown' } }
    return host.call('plan.types', { ...request(now.subject), device })
  }

  /** Call when a panel that shows the plan comes; call the result when it goes. */
  function look(): () => void {
    lookers.value++
    return () => void lookers.value--
  }

  return {
    kernel,
    cmdline,
    kdump,
    sriov,
    guest,
    plan,
    error,
    computing,
    shown,
    machine,
    plannedSet,
    open,
    index,
    foreign,
    changed,
    arm,
    wanted,
    hulls,
    chosen,
    request,
    compute,
    choose,
    chooseOwn,
    planFunctions,
    chooseGroup,
    attach,
    types,
    look,
  }
})
