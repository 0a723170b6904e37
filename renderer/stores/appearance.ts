/**
 * Dark, light, either with high contrast, or all as the system says. `revision` changes when colours have to be read again
 * (canvas, Monaco).
 */
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'

export const THEMES = ['system', 'light', 'dark', 'contrast-light', 'contrast-dark'] as const
export type ThemeChoice = (typeof THEMES)[number]
const KEY = 'doorbell.theme'

export const useAppearance = defineStore('appearance', () => {
  const media = {
    dark: window.matchMedia('(prefers-color-scheme: dark)'),
    contrast: window.matchMedia('(prefers-contrast: more)'),
  }
  const system = ref({ dark: media.dark.matches, contrast: media.contrast.matches })
  const choice = ref<ThemeChoice>(stored())
  const dark = computed(() => (choice.value === 'system' ? system.value.dark : choice.value.endsWith('dark')))
  const contrast = computed(() =>
    choice.value === 'system' ? system.value.contrast : choice.value.startsWith('contrast-'),
  )
  const revision = ref(0)

  for (const query of Object.values(media))
    query.addEventListener('change', () => {
      system.value = { dark: media.dark.matches, contrast: media.contrast.matches }
      dress()
    })

  /** The same attributes as theme-boot.js sets before the first paint. */
  function dress(): void {
    const { dataset } = document.documentElement
    if (choice.value === 'system') delete dataset.theme
    else dataset.theme = dark.value ? 'dark' : 'light'
    if (contrast.value) dataset.contrast = 'more'
    else delete dataset.contrast
    revision.value++
  }

  function choose(next: ThemeChoice): void {
    choice.value = next
    try {
      if (next === 'system') localStorage.removeItem(KEY)
      else localStorage.setItem(KEY, next)
    } catch {
      // storage is closed to us: the choice lasts as long as the window
    }
    dress()
  }

  const named = (isDark: boolean, more: boolean): ThemeChoice =>
    `${more ? ('contrast-' as const) : ('' as const)}${isDark ? ('dark' as const) : ('light' as const)}`
  const toggle = (): void => choose(named(!dark.value, contrast.value))
  const toggleContrast = (): void => choose(named(dark.value, !contrast.value))

  return { choice, dark, contrast, revision, choose, toggle, toggleContrast }
})

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY)
    return THEMES.find((theme) => theme === value) ?? 'system'
  } catch {
    return 'system'
  }
}
