/** A fault in the form that editors and terminals make clickable: `file:line:column: message [CODE]`, and the hint below. */
import type { Fault } from '../../simulator/faults'

export const formatWarning = (fault: Fault): string => formatFault({ ...fault, message: `warning: ${fault.message}` })

export function formatFault(fault: Fault): string {
  const place = [fault.file, fault.line, fault.line === undefined ? undefined : fault.column]
    .filter((part) => part !== undefined)
    .join(':')
  const offset = fault.offset === undefined ? '' : ` (at byte 0x${fault.offset.toString(16)})`
  const hint = fault.hint === undefined ? '' : `  hint: ${fault.hint}\n`
  // Messages that name the file stand alone in the window; here the place has it already.
  const message =
    fault.file !== undefined && fault.message.startsWith(`${fault.file}: `)
      ? fault.message.slice(fault.file.length + 2)
      : fault.message
  return `${place === '' ? 'doorbell' : place}: ${message}${offset} [${fault.code}]\n${hint}`
}
