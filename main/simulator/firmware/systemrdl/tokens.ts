/** Words, numbers, strings and signs of a SystemRDL text, each with its place. Source: SystemRDL 2.0, clause 4. */
import { err, fault, ok, type Fault, type FaultCode, type Result } from '../../faults'

export interface Token {
  readonly k: 'word' | 'number' | 'string' | 'sign' | 'end'
  /** The word, the sign, the contents of the string; a number as it is written. */
  readonly text: string
  readonly value: bigint
  readonly line: number
  readonly column: number
}

/** Characters. */
export const MAX_RDL = 1024 * 1024
const MAX_TOKENS = 200_000

/** A fault at a token. */
export const at = (t: Pick<Token, 'line' | 'column'>, code: FaultCode, message: string, hint?: string): Fault =>
  fault(code, message, { line: t.line, column: t.column, ...(hint === undefined ? {} : { hint }) })

const SIGNS = ['+=', '%=', '->', '{', '}', '[', ']', ':', ';', '=', '@', ',']

/** Errors: FILE_TOO_LARGE, RDL_SYNTAX, RDL_UNSUPPORTED. */
export function tokensOf(text: string): Result<Token[]> {
  if (text.length > MAX_RDL)
    return err(fault('FILE_TOO_LARGE', `a SystemRDL text has at most ${MAX_RDL} characters, this one ${text.length}`))
  const out: Token[] = []
  let i = 0
  let line = 1
  let start = 0
  const place = () => ({ line, column: i - start + 1 })
  const pass = (part: string): void => {
    for (let n = part.indexOf('\n'); n >= 0; n = part.indexOf('\n', n + 1)) {
      line++
      start = i + n + 1
    }
    i += part.length
  }
  const matching = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = i
    return pattern.exec(text)
  }
  while (i < text.length) {
    if (out.length >= MAX_TOKENS) return err(at(place(), 'FILE_TOO_LARGE', `more than ${MAX_TOKENS} words and signs`))
    const gap = matching(/\s+|\/\/[^\n]*/y)
    if (gap) {
      pass(gap[0])
      continue
    }
    if (text.startsWith('/*', i)) {
      const end = text.indexOf('*/', i + 2)
      if (end < 0) return err(at(place(), 'RDL_SYNTAX', 'the comment is not closed', 'write */ at its end'))
      pass(text.slice(i, end + 2))
      continue
    }
    const here = place()
    if (text[i] === '"') {
      const string = matching(/"((?:[^"\\]|\\[^])*)"/y)
      if (!string) return err(at(here, 'RDL_SYNTAX', 'the string is not closed', 'write " at its end'))
      out.push({ k: 'string', text: (string[1] ?? '').replaceAll(/\\([^])/g, '$1'), value: 0n, ...here })
      pass(string[0])
      continue
    }
    const number = matching(/(?:([0-9]+)'([bdh])([0-9a-fA-F_]+)|0[xX][0-9a-fA-F_]+|[0-9][0-9_]*)(?![A-Za-z0-9_])/y)
    const word = number ? null : matching(/[A-Za-z_][A-Za-z0-9_]*/y)
    const sign = number || word ? undefined : SIGNS.find((s) => text.startsWith(s, i))
    if (number) {
      const value = numberOf(number)
      if (value === undefined) return err(at(here, 'RDL_SYNTAX', `${number[0].slice(0, 40)} is no number`))
      out.push({ k: 'number', text: number[0], value, ...here })
    } else if (word) out.push({ k: 'word', text: word[0], value: 0n, ...here })
    else if (sign) out.push({ k: 'sign', text: sign, value: 0n, ...here })
    else if (/[`<%#(.\\]/.test(text[i] ?? ''))
      return err(
        at(
          here,
          'RDL_UNSUPPORTED',
          `${JSON.stringify(text[i])} begins something that is not read`,
          'no preprocessor, parameters, expressions or escaped names',
        ),
      )
    else
      return err(at(here, 'RDL_SYNTAX', `unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(i) ?? 0))}`))
    pass((number ?? word)?.[0] ?? sign ?? ' ')
  }
  out.push({ k: 'end', text: 'the end of the file', value: 0n, ...place() })
  return ok(out)
}

/** `12`, `0x1F`, `8'hff`: undefined where digits do not fit the base or the size. */
function numberOf([whole, size, base, digits]: RegExpExecArray): bigint | undefined {
  const plain = (digits ?? whole).replaceAll('_', '')
  if (plain.length > 160) return undefined
  if (size === undefined) return BigInt(plain)
  const fits = base === 'b' ? /^[01]+$/ : base === 'd' ? /^[0-9]+$/ : /^[0-9a-fA-F]+$/
  if (!fits.test(plain) || size.length > 4) return undefined
  const value = BigInt(base === 'b' ? `0b${plain}` : base === 'h' ? `0x${plain}` : plain)
  return value >> BigInt(size) === 0n ? value : undefined
}
