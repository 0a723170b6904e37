/** What the Explain panel was asked: one function's interrupt, one DMA request, or a pasted fault line; and the answer. */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import type { ExplainedFault, ExplainedPath, WireError } from '../../preload/contract'
import { useHost, type Answer } from '../bridge/host'
import { usePlanning } from './planning'

export type Asked = 'msi' | 'dma' | 'fault'

/** Hex or decimal text as the contract's hex; null: no number of at most 64 bits. */
export function hexOf(text: string): string | null {
  const t = text.trim().toLowerCase()
  if (!/^(0x[0-9a-f]{1,16}|\d{1,19})$/.test(t)) return null
  return `0x${BigInt(t).toString(16)}`
}

const PASIDS = 2 ** 20
const VECTORS = 2048
/** A vector or a PASID: a whole number below `limit`; null: it is none. */
export function below(text: string, limit: number): number | null {
  const t = text.trim()
  if (!/^(0x[0-9a-f]{1,8}|\d{1,8})$/i.test(t)) return null
  const n = Number(t)
  return n < limit ? n : null
}

export const useExplaining = defineStore('explaining', () => {
  const host = useHost()
  const planning = usePlanning()
  const asked = ref<Asked>('fault')
  const device = ref('')
  const vector = ref('0')
  const iova = ref('0x1000')
  const pasid = ref('')
  const write = ref(false)
  const assigned = ref(false)
  const line = ref('')
  const answer = shallowRef<ExplainedPath | ExplainedFault | null>(null)
  const error = shallowRef<WireError | null>(null)
  const asking = ref(false)
  let turn = 0

  const functions = computed(() => planning.machine?.functions ?? [])
  const fn = computed(() => functions.value.find((f) => f.bdf === device.value))
  /** What is wrong with the question, in words; null: it can be asked. */
  const wrong = computed((): string | null => {
    if (asked.value === 'fault') return null
    if (!fn.value) return 'Choose a function of the machine that is shown'
    if (asked.value === 'msi') return below(vector.value, VECTORS) === null ? 'A vector from 0 to 2047' : null
    if (hexOf(iova.value) === null) return 'An address such as 0x1000'
    return pasid.value.trim() !== '' && below(pasid.value, PASIDS) === null ? 'A PASID from 0 to 0xfffff' : null
  })

  async function ask(): Promise<void> {
    const mine = ++turn
    const now = planning.shown
    answer.value = null
    error.value = null
    if (wrong.value !== null || (asked.value === 'fault' ? line.value.trim() === '' : !now)) return
    asking.value = true
    const got = await call()
    if (mine !== turn) return
    asking.value = false
    answer.value = got.ok ? got.value : null
    error.value = got.ok ? null : got.error
  }

  function call(): Promise<Answer<ExplainedPath | ExplainedFault>> {
    if (asked.value === 'fault') return host.call('explain.fault', { text: line.value.slice(0, 65536) })
    const now = planning.shown
    if (!now)
      return Promise.resolve({ ok: false, error: { code: 'PLATFORM_UNKNOWN', message: 'No platform is shown' } })
    const question = {
      ...planning.request(now.subject),
      device: device.value,
      ...(assigned.value ? { assigned: true } : {}),
    }
    if (asked.value === 'msi')
      return host.call('explain.msi', { ...question, vector: below(vector.value, VECTORS) ?? 0 })
    const p = pasid.value.trim() === '' ? null : below(pasid.value, PASIDS)
    return host.call('explain.dma', {
      ...question,
      iova: hexOf(iova.value) ?? '0x0',
      write: write.value,
      ...(p === null ? {} : { pasid: p }),
    })
  }

  function about(what: 'msi' | 'dma', bdf: string): void {
    asked.value = what
    device.value = bdf
    void ask()
  }

  /** Another machine, kernel or command line: the answer is of the past. */
  watch(
    () => [planning.shown, planning.kernel, planning.cmdline] as const,
    ([shown], [before]) => {
      if (asked.value === 'fault') return
      if (shown !== before && !fn.value) device.value = ''
      void ask()
    },
  )
  watch([asked, write, assigned, device], () => void ask())

  return {
    asked,
    device,
    vector,
    iova,
    pasid,
    write,
    assigned,
    line,
    answer,
    error,
    asking,
    functions,
    fn,
    wrong,
    ask,
    about,
  }
})
