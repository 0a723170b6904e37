/** lspci -vmm prints `Slot:`, `Class:`, `Vendor:` … on lines of their own: put back into the form that people read. */
import type { PastedLine } from '../pasted'

const KEY = /^\s*(Slot|Class|Vendor|Device|SVendor|SDevice|Rev|ProgIf|Driver|NUMANode|IOMMUGroup):\s+(\S.*)$/

export function unfolded(lines: readonly PastedLine[]): readonly PastedLine[] {
  if (!lines.some(({ text }) => /^\s*Slot:\s+[0-9a-f:.]{7,}$/i.test(text))) return lines
  const out: PastedLine[] = []
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]
    if (!line || !/^\s*Slot:\s/.test(line.text)) {
      if (line) out.push(line)
      continue
    }
    const values = new Map<string, string>()
    for (; i < lines.length; i++) {
      const [, key, value] = KEY.exec(lines[i]?.text ?? '') ?? []
      if (key === undefined || value === undefined || (key === 'Slot' && values.has(key))) break
      values.set(key, value.trim())
    }
    i--
    const number = line.number
    const get = (key: string): string => values.get(key) ?? ''
    out.push({
      number,
      text: `${get('Slot')} "${get('Class')}" "${get('Vendor')}" "${get('Device')}"${options(values)}`,
    })
    if (values.has('Driver')) out.push({ number, text: `\tKernel driver in use: ${get('Driver')}` })
    if (values.has('NUMANode')) out.push({ number, text: `\tNUMA node: ${get('NUMANode')}` })
    if (values.has('IOMMUGroup')) out.push({ number, text: `\tIOMMU group: ${get('IOMMUGroup')}` })
  }
  return out
}

const options = (values: ReadonlyMap<string, string>): string =>
  `${values.has('Rev') ? ` -r${values.get('Rev')}` : ''}${values.has('ProgIf') ? ` -p${values.get('ProgIf')}` : ''}`
