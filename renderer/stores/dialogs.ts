/** Which overlay is open. One at a time; the shell draws them. */
import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'

export interface Prompt {
  title: string
  message: string
  /** Start value of the text field; absent: no field. */
  value?: string
  confirm: string
  /** What the other button says: Cancel, where nothing else is. */
  cancel?: string
  /** The other button was chosen, or the dialog put away. */
  cancelled?: () => void
  tone?: 'bad'
  /** What is wrong with a value, in words; null when it is fine. */
  check?: (value: string) => string | null
  done: (value: string) => void
}

export const useDialogs = defineStore('dialogs', () => {
  /** `mode`: all commands, all that can be opened, or the choices of the command with this id. */
  const palette = ref<null | { mode: string }>(null)
  const shortcuts = ref(false)
  const prompt = shallowRef<Prompt | null>(null)
  /** Raised when somebody asks for a file; the shell's hidden input answers. */
  const importRequests = ref(0)

  const openPalette = (mode = 'commands'): void => void (palette.value = { mode })
  const ask = (question: Prompt): void => void (prompt.value = question)
  const requestImport = (): void => void importRequests.value++

  return { palette, shortcuts, prompt, importRequests, openPalette, ask, requestImport }
})
