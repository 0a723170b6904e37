/** Dark, light, or as the system says. `revision` changes when colours have to be read again (canvas, Monaco). */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

export type ThemeChoice = 'system' | 'dark' | 'light'
const KEY = 'doorbell.theme'

export const useAppearance = defineStore('appearance', () => {
  const media = window.matchMedia('(prefers-color-scheme: dark)')
  const systemDark = ref(media.matches)
  const choice = ref<ThemeChoice>(stored())
  const dark = computed(() => (choice.value === 'system' ? systemDark.value : choice.value === 'dark'))
  const revision = ref(0)

  media.addEventListener('change', (event) => {
    systemDark.value = event.matches
    revision.value++
  })

  function choose(next: ThemeChoice): void {
    choice.value = next
    const root = document.documentElement
    if (next === 'system') delete root.dataset.theme
    else root.dataset.theme = next
    try {
      if (next === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, next)
    } catch {
      // storage is closed to us: the choice lasts as long as the window
    }
    revision.value++
  }

  const toggle = (): void => choose(dark.value ? 'light' : 'dark')

  return { choice, dark, revision, choose, toggle }
})

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY)
    return value === 'dark' || value === 'light' ? value : 'system'
  } catch {
    return 'system'
  }
}
