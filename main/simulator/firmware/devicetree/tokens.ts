/** Device tree source → tokens with their positions. Comments are dropped; of the preprocessor only numbers behind #define stay. */
import { err, fault, ok, type Result } from '../../faults'

export interface Token {
  /** `word`: names and numbers; `label`: with its colon behind; `bytes`: the digits between brackets. */
  readonly kind: 'word' | 'string' | 'bytes' | 'reference' | 'label' | 'directive' | 'mark' | 'end'
  readonly text: string
  /** 1-based. */
  readonly line: number
  readonly column: number
}

export interface Lexed {
  readonly tokens: readonly Token[]
  readonly macros: ReadonlyMap<string, number>
  /** Lines with #include. */
  readonly includes: readonly number[]
}

/** A board with everything included has some hundred thousand. */
const TOKEN_LIMIT = 4_000_000

const SPACE = /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y
const PREPROCESSOR = /#[ \t]*(include|define|undef|ifdef|ifndef|if|elif|else|endif|error|pragma)\b((?:\\\r?\n|[^\n])*)/y
const PATTERNS: readonly (readonly [Token['kind'], RegExp])[] = [
  ['directive', /\/(?:dts-v1|plugin|include|memreserve|delete-node|delete-property|omit-if-no-ref|bits)\//y],
  ['string', /"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])+)'/y],
  ['reference', /&\{([^}\n]*)\}|&([A-Za-z_]\w*)/y],
  ['label', /([A-Za-z_]\w*):/y],
  ['bytes', /\[([0-9a-fA-F\s]*)\]/y],
  ['mark', /<<|>>|[{}();=,<>/|^&+\-*%~!]/y],
  ['word', /[A-Za-z0-9,._+?#@-]+/y],
]
/** Inside cells and expressions a minus is no part of a number. */
const NUMBER = /0[xX][0-9a-fA-F]+[uUlL]*|[0-9]+[uUlL]*(?![A-Za-z0-9,._+?#@])/y

export function tokens(text: string): Result<Lexed> {
  const out: Token[] = []
  const macros = new Map<string, number>()
  const includes: number[] = []
  let line = 1
  let lineStart = 0
  let cells = 0
  /** The next end of a line that was not passed yet: looked for once each, so that long lines stay cheap. */
  let newline = text.indexOf('\n')
  const passed = (to: number): void => {
    for (; newline >= 0 && newline < to; newline = text.indexOf('\n', lineStart)) {
      line++
      lineStart = newline + 1
    }
  }
  for (let at = 0; at < text.length;) {
    const space = match(SPACE, text, at)
    if (space) {
      passed(at + space[0].length)
      at += space[0].length
      continue
    }
    const pre = match(PREPROCESSOR, text, at)
    if (pre) {
      if (pre[1] === 'include') includes.push(line)
      const define =
        pre[1] === 'define'
          ? /^\s+([A-Za-z_]\w*)\s+\(?(0[xX][0-9a-fA-F]+|\d+)\)?\s*(?:\/[/*].*)?$/.exec(pre[2] ?? '')
          : null
      if (define?.[1] !== undefined) macros.set(define[1], Number(define[2]))
      passed(at + pre[0].length)
      at += pre[0].length
      continue
    }
    const position = { line, column: at - lineStart + 1 }
    const found = token(text, at, cells > 0)
    if (!found)
      return err(
        fault('DEVICETREE_SYNTAX', `device tree: "${text.slice(at, at + 20)}" is no part of the language`, position),
      )
    if (out.length === TOKEN_LIMIT) return err(fault('DEVICETREE_SYNTAX', 'device tree: too long', position))
    if (found.kind === 'mark' && found.text === '<') cells++
    if (found.kind === 'mark' && (found.text === '>' || found.text === ';')) cells = 0
    out.push({ kind: found.kind, text: found.text, ...position })
    passed(at + found.length)
    at += found.length
  }
  out.push({ kind: 'end', text: '', line, column: text.length - lineStart + 1 })
  return ok({ tokens: out.filter(isMeaningful), macros, includes })
}

const isMeaningful = ({ kind, text }: Token, i: number, all: readonly Token[]): boolean => {
  const marker = (one: Token | undefined): boolean =>
    one?.kind === 'directive' && (one.text === '/dts-v1/' || one.text === '/plugin/')
  return !marker({ kind, text, line: 0, column: 0 }) && !(text === ';' && marker(all[i - 1]))
}

function token(
  text: string,
  at: number,
  cells: boolean,
): { kind: Token['kind']; text: string; length: number } | undefined {
  const number = cells ? match(NUMBER, text, at) : null
  if (number) return { kind: 'word', text: number[0], length: number[0].length }
  for (const [kind, pattern] of PATTERNS) {
    const found = match(pattern, text, at)
    if (!found) continue
    const inner = found.slice(1).find((group) => group !== undefined) ?? found[0]
    const value = kind === 'string' ? unescaped(inner) : kind === 'bytes' ? inner.replace(/\s/g, '') : inner
    return { kind, text: value, length: found[0].length }
  }
  return undefined
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', 0: '\0' }
const unescaped = (text: string): string =>
  text.replace(/\\(?:x([0-9a-fA-F]{1,2})|([^]))/g, (_all, code: string | undefined, letter: string | undefined) =>
    code !== undefined ? String.fromCharCode(parseInt(code, 16)) : (ESCAPES[letter ?? ''] ?? letter ?? ''),
  )
