/** A platform file (YAML, of which JSON is a part) → a platform, with positions for whatever is wrong. */
import { LineCounter, parseDocument, type Document } from 'yaml'
import { err, fault, ok, type Fault, type Result } from '../faults'
import { checkPlatform } from './check'
import { Platform } from './schema'

/** Ten thousand functions take about four million characters. */
const SIZE_LIMIT = 32 * 1024 * 1024
/** A file that grows more than this by aliases is an attack or a mistake. */
const ALIAS_LIMIT = 1000

/** Faults: FILE_TOO_LARGE, PLATFORM_INVALID with line and column. Only the first problem is reported. */
export function parsePlatform(text: string, file: string): Result<Platform> {
  if (text.length > SIZE_LIMIT)
    return err(fault('FILE_TOO_LARGE', `${file}: more than ${SIZE_LIMIT} characters`, { file }))
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const broken = document.errors[0] ?? document.warnings[0]
  if (broken) return err(at(file, lines, broken.pos[0], broken.message))
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: ALIAS_LIMIT })
  } catch {
    return err(fault('PLATFORM_INVALID', `${file}: aliases grow without measure`, { file }))
  }
  const parsed = Platform.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const path = (issue?.path ?? []).filter((key): key is string | number => typeof key !== 'symbol')
    return err(atPath(file, document, lines, path, issue?.message ?? 'not a platform'))
  }
  const problem = checkPlatform(parsed.data)[0]
  return problem ? err(atPath(file, document, lines, problem.path, problem.message)) : ok(parsed.data)
}

/** The position of the value, or of the nearest thing around it that the file has. */
function atPath(
  file: string,
  document: Document.Parsed,
  lines: LineCounter,
  path: readonly (string | number)[],
  message: string,
): Fault {
  const where = path.length > 0 ? `${path.join('.')}: ` : ''
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const offset = rangeStart(node)
    if (offset !== undefined) return at(file, lines, offset, `${where}${message}`)
  }
  return fault('PLATFORM_INVALID', `${file}: ${where}${message}`, { file, line: 1, column: 1 })
}

function rangeStart(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined
  const { range } = node
  const start: unknown = Array.isArray(range) ? range[0] : undefined
  return typeof start === 'number' ? start : undefined
}

function at(file: string, lines: LineCounter, offset: number, message: string): Fault {
  const { line, col } = lines.linePos(offset)
  return fault('PLATFORM_INVALID', `${file}: ${message}`, { file, line, column: col })
}
