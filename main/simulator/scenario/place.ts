/** Put the virtual device under another function, changing those lines of the text only: comments and layout stay. */
import { parseDocument, isMap, isScalar, type Document } from 'yaml'
import { err, fault, nearest, ok, type Fault, type Result } from '../faults'
import { ScenarioDocument } from './document'
import type { PlatformRef } from './platforms'

export interface Where {
  readonly device: string
  readonly under: string
  readonly platform?: PlatformRef | undefined
}

export function placeInText(text: string, where: Where): Result<string, Fault> {
  const read = ScenarioDocument.read(text)
  if (!read.ok) return read
  const devices = read.value.node(['devices'])
  const ids = isMap(devices) ? devices.items.flatMap((p) => (isScalar(p.key) ? [String(p.key.value)] : [])) : []
  if (!ids.includes(where.device)) {
    const near = nearest(where.device, ids)
    return err(
      fault('SCENARIO_UNKNOWN_NAME', `the scenario has no device ${where.device}`, {
        ...read.value.at(['devices']),
        ...(near ? { hint: `did you mean ${near}?` } : {}),
      }),
    )
  }
  let out = setScalar(text, ['devices', where.device, 'under'], where.under)
  if (where.platform) out = setPlatform(out, where.platform)
  return ok(out)
}

/** Replace the characters of a scalar that exists; add the pair through the document where it does not. */
function setScalar(text: string, path: readonly string[], value: string): string {
  const doc = parseDocument(text, { keepSourceTokens: true })
  const node = doc.getIn(path, true)
  if (isScalar(node) && node.range) return `${text.slice(0, node.range[0])}${quoted(value)}${text.slice(node.range[1])}`
  doc.setIn(path, quotedScalar(doc, value))
  return doc.toString({ lineWidth: 0 })
}

function setPlatform(text: string, ref: PlatformRef): string {
  const [key, value] = Object.entries(ref)[0] as [string, string]
  const doc = parseDocument(text, { keepSourceTokens: true })
  const node = doc.get('platform', true)
  const flow = `{ ${key}: ${quoted(value)} }`
  if (isMap(node) && node.range && node.flow)
    return `${text.slice(0, node.range[0])}${flow}${text.slice(node.range[1])}`
  const map = doc.createNode({ [key]: value }, { flow: true })
  doc.set('platform', map)
  return doc.toString({ lineWidth: 0 })
}

const quoted = (value: string): string => JSON.stringify(value)
function quotedScalar(doc: Document, value: string) {
  const s = doc.createNode(value)
  s.type = 'QUOTE_DOUBLE'
  return s
}
