/**
 * Texts of blocks with indices and operands in braces. `{w}` is the value of an index or operand, `{w+1}` and `{w*2}`
 * small sums of them; `any{window: …}`, `all{window: …}`, `sum{window: …}` write their text once for every value of an
 * index (`{window}` inside) and join the copies. What comes out is plain text of the expression language.
 */
import { err, fault, ok, type Result } from '../faults'

export interface Environment {
  /** Values that stand for `{name}`. */
  readonly values: ReadonlyMap<string, string>
  /** Values of each index. */
  readonly indices: ReadonlyMap<string, readonly (number | string)[]>
}

const JOIN = { any: ['||', 'false'], all: ['&&', 'true'], sum: ['+', '0'] } as const

/** Longest text that a template may become. */
const MAX = 100_000

export function fill(text: string, e: Environment): Result<string> {
  let out = ''
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('{', at)
    if (open < 0) break
    const close = matching(text, open)
    if (close < 0) return err(fault('BLOCK_TEMPLATE', `a brace is not closed in ${JSON.stringify(text)}`))
    const inner = text.slice(open + 1, close)
    const loop = /(any|all|sum)$/.exec(text.slice(at, open))
    const colon = loop ? /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*:/.exec(inner) : null
    if (loop && colon) {
      const joined = repeat(loop[1] as keyof typeof JOIN, colon[1] ?? '', inner.slice(colon[0].length), e)
      if (!joined.ok) return joined
      out += text.slice(at, open - (loop[1] ?? '').length) + joined.value
    } else {
      const value = valueOf(inner, e)
      if (!value.ok) return value
      out += text.slice(at, open) + value.value
    }
    at = close + 1
    if (out.length > MAX) return err(fault('BLOCK_TEMPLATE', `a text becomes longer than ${MAX} characters`))
  }
  return ok(out + text.slice(at))
}

function repeat(how: keyof typeof JOIN, index: string, text: string, e: Environment): Result<string> {
  const values = e.indices.get(index)
  if (!values) return err(fault('BLOCK_TEMPLATE', `${how}{${index}: …}: there is no index ${index}`))
  const [sign, none] = JOIN[how]
  const parts: string[] = []
  let length = 0
  for (const v of values) {
    const part = fill(text.trim(), { ...e, values: new Map([...e.values, [index, String(v)]]) })
    if (!part.ok) return part
    length += part.value.length
    if (length > MAX) return err(fault('BLOCK_TEMPLATE', `a text becomes longer than ${MAX} characters`))
    parts.push(`(${part.value})`)
  }
  return ok(parts.length === 0 ? none : `(${parts.join(` ${sign} `)})`)
}

/** `w`, `w+1`, `2*w-1`: names and numbers joined by + − *, from left to right, * first. */
function valueOf(inner: string, e: Environment): Result<string> {
  const plain = e.values.get(inner.trim())
  if (plain !== undefined) return ok(plain)
  const terms = inner.replaceAll(/\s+/g, '').match(/[+-]?[^+-]+/g) ?? []
  let sum = 0
  for (const term of terms) {
    let product = term.startsWith('-') ? -1 : 1
    for (const factor of term.replace(/^[+-]/, '').split('*')) {
      const n = Number(e.values.get(factor) ?? (/^\d+$/.test(factor) ? factor : Number.NaN))
      if (!Number.isInteger(n))
        return err(fault('BLOCK_TEMPLATE', `{${inner}}: ${factor} is no index, operand or number here`))
      product *= n
    }
    sum += product
  }
  return ok(String(sum))
}

function matching(text: string, open: number): number {
  let depth = 0
  for (let i = open; i < text.length; i++) {
    if (text[i] === '{') depth++
    if (text[i] === '}' && --depth === 0) return i
  }
  return -1
}
