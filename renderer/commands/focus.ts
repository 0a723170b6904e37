/** Where the focus is, as far as commands mind. */

/** The element of Monaco that takes what is typed into the document itself. */
const EDITOR = '.monaco-editor .inputarea, .monaco-editor .native-edit-context'
const FIELD = 'input:not([type="checkbox"]):not([type="radio"]):not([type="range"]), textarea, [contenteditable="true"]'

/** A field with an undo of its own: every one but the editor of a document. */
export function inTextField(element: Element | null = document.activeElement): boolean {
  return element !== null && element.matches(FIELD) && !element.matches(EDITOR)
}

/** Is the focus in a panel of this scope? */
export const isIn = (scope: string): boolean =>
  document.activeElement !== null && document.activeElement.closest(`[data-scope="${scope}"]`) !== null
