/** Keys to commands. Chords with Ctrl, Alt or an F-key win over whatever has the focus; plain keys never do. */
import { isEnabled, type Command } from './command'
import { runCommand } from './table'
import { inTextField } from './focus'
import { isPlain, matches, parseKeys, type Chord } from './keys'

const TYPING = 'input, textarea, select, [contenteditable="true"], .monaco-editor'
const OWN_KEYS =
  '[role="menu"], [role="menubar"], [role="listbox"], [role="tablist"], [role="dialog"], [role="slider"], [role="separator"]'

interface Binding {
  chord: Chord
  command: Command
}

export function bindKeys(commands: readonly Command[], target: Window = window): () => void {
  const bindings: Binding[] = commands.flatMap((command) =>
    (command.keys ?? []).map((keys) => ({ chord: parseKeys(keys), command })),
  )

  const find = (event: KeyboardEvent, plain: boolean): Command | undefined =>
    bindings.find(
      ({ chord, command }) =>
        isPlain(chord) === plain &&
        matches(chord, event) &&
        inScope(command, event.target) &&
        !(command.fieldsOwn && event.target instanceof Element && inTextField(event.target)) &&
        isEnabled(command),
    )?.command

  const fire = (event: KeyboardEvent, command: Command): void => {
    event.preventDefault()
    event.stopPropagation()
    void runCommand(command.id)
  }

  const chords = (event: KeyboardEvent): void => {
    const command = find(event, false)
    if (command) fire(event, command)
  }
  const plain = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || takesKeys(event.target)) return
    const command = find(event, true)
    if (command) fire(event, command)
  }
  target.addEventListener('keydown', chords, { capture: true })
  target.addEventListener('keydown', plain)
  return () => {
    target.removeEventListener('keydown', chords, { capture: true })
    target.removeEventListener('keydown', plain)
  }
}

function inScope(command: Command, target: EventTarget | null): boolean {
  if (!command.scope) return true
  return target instanceof Element && target.closest(`[data-scope="${command.scope}"]`) !== null
}

function takesKeys(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(`${TYPING}, ${OWN_KEYS}`) !== null
}
