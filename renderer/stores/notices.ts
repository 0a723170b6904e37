/** Calm messages at the edge of the window: what happened, the code, where, and what to do about it. */
import { defineStore } from 'pinia'
import { ref } from 'vue'
import type { WireError } from '../../preload/contract'
import type { Tone } from '../model/verdicts'

export interface Notice {
  id: number
  tone: Tone
  title: string
  message?: string
  code?: string
  /** "capture.tar.gz, line 3, column 7" */
  position?: string
  hint?: string
  action?: { title: string; run: () => void }
}

const GOOD_FOR_MS = 5000

export function positionOf(error: Pick<WireError, 'file' | 'line' | 'column' | 'offset'>): string | undefined {
  const parts = [
    error.file,
    error.line !== undefined && `line ${error.line}`,
    error.column !== undefined && `column ${error.column}`,
    error.offset !== undefined && `byte 0x${error.offset.toString(16)}`,
  ].filter((part): part is string => typeof part === 'string')
  return parts.length > 0 ? parts.join(', ') : undefined
}

export const useNotices = defineStore('notices', () => {
  const items = ref<Notice[]>([])
  let last = 0

  function show(notice: Omit<Notice, 'id'>): number {
    const id = ++last
    items.value = [...items.value.slice(-4), { ...notice, id }]
    if (notice.tone === 'good' || notice.tone === 'note') setTimeout(() => dismiss(id), GOOD_FOR_MS)
    return id
  }

  /** A person's own cancel is no news, and a dead worker has its banner. */
  function fault(title: string, error: WireError, action?: Notice['action']): void {
    if (error.code === 'CANCELLED' || error.code === 'WORKER_DIED') return
    const { message, code, hint } = error
    show({ tone: 'bad', title, message, code, hint, position: positionOf(error), action })
  }

  function dismiss(id: number): void {
    items.value = items.value.filter((notice) => notice.id !== id)
  }

  function dismissAll(): void {
    items.value = []
  }

  return { items, show, fault, dismiss, dismissAll }
})
