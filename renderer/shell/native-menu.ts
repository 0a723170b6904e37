/** The desktop's own menu, made of the command table: sent when what it shows has changed, its choices run here. */
import { watch } from 'vue'
import type { Menu } from '../../preload/contract'
import { useHost } from '../bridge/host'
import { CATEGORIES, isEnabled, titleOf, type Command } from '../commands/command'
import { isPlain, parseKeys } from '../commands/keys'
import { inTextField } from '../commands/focus'
import { commandById, commands, runCommand } from '../commands/table'
import { useHostInfo } from '../stores/host'

/** Milliseconds of quiet: steps of a run change what is enabled many times a second. */
const QUIET_MS = 150

export function menusOf(table: readonly Command[]): Menu[] {
  return CATEGORIES.map((title) => {
    const groups = new Map<number, Command[]>()
    for (const command of table)
      if (command.category === title && !command.hidden)
        groups.set(command.group ?? 0, [...(groups.get(command.group ?? 0) ?? []), command])
    return { title, groups: [...groups.values()].map((group) => group.map(itemOf)) }
  })
}

function itemOf(command: Command): Menu['groups'][number][number] {
  // A plain key belongs to a panel, not to the whole desktop.
  const keys = command.keys?.find((k) => !isPlain(parseKeys(k)))
  return {
    id: command.id,
    title: titleOf(command).slice(0, 200),
    enabled: isEnabled(command),
    ...(keys === undefined ? {} : { keys }),
    ...(command.checked ? { checked: command.checked() } : {}),
  }
}

/** Until it is stopped. Does nothing where there is no such menu. */
export function nativeMenu(): () => void {
  const host = useHost()
  const info = useHostInfo()
  let timer: ReturnType<typeof setTimeout> | undefined
  const stop = watch(
    () => (info.kind === 'electron' ? JSON.stringify(menusOf(commands())) : ''),
    (menus) => {
      clearTimeout(timer)
      if (menus !== '')
        timer = setTimeout(() => void host.call('menu.show', { menus: JSON.parse(menus) as Menu[] }), QUIET_MS)
    },
    { immediate: true },
  )
  const off = host.on('menu.chosen', ({ id }) => {
    if (!(commandById(id).fieldsOwn && inTextField())) void runCommand(id)
  })
  return () => {
    clearTimeout(timer)
    stop()
    off()
  }
}
