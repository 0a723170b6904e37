import { flushPromises } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import CommandPalette from '../shell/CommandPalette.vue'
import ShortcutsDialog from '../shell/ShortcutsDialog.vue'
import { useDialogs } from '../stores/dialogs'
import { useDocuments } from '../stores/documents'
import { useRuns } from '../stores/runs'
import { lateCounterexample, lateView } from '../testing/late'
import { freshWorkbench, mountPanel, openDocument } from '../testing/setup'
import { isEnabled } from './command'
import { bindKeys } from './dispatch'
import { parseKeys } from './keys'
import { commandById, commands } from './table'

let unbind = (): void => undefined
beforeEach(() => {
  freshWorkbench()
  unbind = bindKeys(commands())
})
afterEach(() => {
  unbind()
  document.body.innerHTML = ''
})
const press = (key: string, init: KeyboardEventInit = {}, target: EventTarget = document.body): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })
  target.dispatchEvent(event)
  return event
}

describe('the command table', () => {
  it('has every id and every key once', () => {
    const ids = commands().map((c) => c.id)
    expect(new Set(ids).size).toBe(ids.length)
    const keys = commands().flatMap((c) =>
      (c.keys ?? []).map((k) => JSON.stringify({ ...parseKeys(k), scope: c.scope })),
    )
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('offers only what can be done now', async () => {
    expect(isEnabled(commandById('explore.start'))).toBe(false)
    expect(isEnabled(commandById('run.next'))).toBe(false)
    await openDocument('idxd-vsvm-late')
    expect(isEnabled(commandById('explore.start'))).toBe(true)
  })
})

describe('keys', () => {
  const showRun = async (): Promise<void> => {
    const key = await openDocument('idxd-vsvm-late')
    useRuns().show({ key, view: lateView, trace: lateCounterexample, kind: 'counterexample', title: 'x' }, 'start')
  }

  it('step forwards and backwards, to the start and to the end', async () => {
    await showRun()
    press('ArrowRight')
    press('j')
    expect(useRuns().step).toBe(2)
    press('k')
    expect(useRuns().step).toBe(1)
    press('End')
    expect(useRuns().step).toBe(12)
    press('Home')
    expect(useRuns().step).toBe(0)
  })

  it('that are text stay text where one types', async () => {
    await showRun()
    const input = document.body.appendChild(document.createElement('input'))
    expect(press('j', {}, input).defaultPrevented).toBe(false)
    expect(press('?', { shiftKey: true }, input).defaultPrevented).toBe(false)
    expect(useRuns().step).toBe(0)
    expect(useDialogs().shortcuts).toBe(false)
  })

  it('with Ctrl or F work even there', () => {
    const input = document.body.appendChild(document.createElement('input'))
    expect(press('P', { ctrlKey: true, shiftKey: true }, input).defaultPrevented).toBe(true)
    expect(useDialogs().palette).toEqual({ mode: 'commands' })
  })

  it('leave lists, menus and tabs their own arrows', async () => {
    await showRun()
    const tabs = document.body.appendChild(document.createElement('div'))
    tabs.setAttribute('role', 'tablist')
    press('ArrowRight', {}, tabs)
    expect(useRuns().step).toBe(0)
  })

  it('of a panel work only in that panel', async () => {
    await showRun()
    useRuns().go(1)
    press('Enter')
    expect(useDocuments().reveal).toBeNull()
    const stage = document.body.appendChild(document.createElement('div'))
    stage.dataset.scope = 'timeline'
    press('Enter', {}, stage)
    expect(useDocuments().reveal).toMatchObject({ line: 24 })
  })
})

describe('the palette', () => {
  it('finds a command by typing and runs it with Enter', async () => {
    const palette = mountPanel(CommandPalette)
    press('F1')
    await flushPromises()
    const input = document.querySelector<HTMLInputElement>('[data-testid="palette"] input')
    expect(input).not.toBeNull()
    input!.value = 'keyboard short'
    input!.dispatchEvent(new Event('input', { bubbles: true }))
    await nextTick()
    await nextTick()
    press('Enter', {}, input!)
    await flushPromises()
    expect(useDialogs().palette).toBeNull()
    expect(useDialogs().shortcuts).toBe(true)
    palette.unmount()
  })

  it('runs the first choice with Enter where a command asks for one and nothing was typed', async () => {
    const palette = mountPanel(CommandPalette)
    press('F1')
    await flushPromises()
    const type = async (words: string): Promise<HTMLInputElement> => {
      const input = document.querySelector<HTMLInputElement>('[data-testid="palette"] input')!
      input.value = words
      input.dispatchEvent(new Event('input', { bubbles: true }))
      await nextTick()
      await nextTick()
      return input
    }
    press('Enter', {}, await type('choose a theme'))
    await flushPromises()
    expect(useDialogs().palette).toEqual({ mode: 'view.theme.choose' })
    expect(document.querySelectorAll('[data-testid="palette"] [data-highlighted]')).toHaveLength(1)
    press('Enter', {}, document.querySelector<HTMLInputElement>('[data-testid="palette"] input')!)
    await flushPromises()
    expect(useDialogs().palette).toBeNull()
    palette.unmount()
  })
})

describe('the shortcuts page', () => {
  it('lists every command that has a key', async () => {
    const page = mountPanel(ShortcutsDialog)
    press('?', { shiftKey: true })
    await flushPromises()
    const text = document.querySelector('[data-testid="shortcuts"]')?.textContent ?? ''
    for (const command of commands().filter((c) => c.keys)) expect(text).toContain(command.title)
    page.unmount()
  })
})
