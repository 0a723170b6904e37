/**
 * Replay tokens: a short word that, with the scenario, gives back exactly one run.
 *
 *     db1-<digest>-<scale>-s<seed>            a seeded run in time
 *     db1-<digest>-<scale>-c<length>.<code>   a run by its choices, in mixed radix (a choice of one costs nothing)
 *     db1-<digest>-<scale>-p<number>          the explorer's own run for a property: where the choices are too many;
 *                                             with `.0` to `.2` behind it where reduction (1) or symmetry (2) was off
 *
 * `scale` is `0` for the file's own. The digest is that of the scenario's meaning: a token of another scenario is refused.
 */
import { err, fault, ok, type Result } from '../faults'
import type { Program } from '../model/compile'
import { enabledAt, follow, type Path } from './path'

export const MAX_TOKEN = 200
const PREFIX = 'db1'
const DIGEST = 12

export interface TokenHead {
  readonly digest: string
  readonly scale: string
}

export type Token = { readonly scale: string; readonly digest: string } & (
  | { readonly k: 'seed'; readonly seed: number }
  | { readonly k: 'property'; readonly property: number; readonly reduce: boolean; readonly symmetry: boolean }
  | { readonly k: 'choices'; readonly length: number; readonly code: bigint }
)

const head = (h: TokenHead): string => `${PREFIX}-${h.digest.slice(0, DIGEST)}-${h.scale || '0'}`

export const seedToken = (h: TokenHead, seed: number): string => `${head(h)}-s${seed.toString(36)}`

/** The shortest run that the explorer gives for this property, which among equals depends on how it looked. */
export function propertyToken(h: TokenHead, property: number, how = { reduce: true, symmetry: true }): string {
  const bits = Number(how.reduce) + 2 * Number(how.symmetry)
  return `${head(h)}-p${property.toString(36)}${bits === 3 ? '' : `.${bits}`}`
}

/** Null when the run is too long to be written in 200 characters. */
export function choiceToken(h: TokenHead, path: Pick<Path, 'choices' | 'radices'>): string | null {
  let code = 0n
  for (let i = path.choices.length - 1; i >= 0; i--)
    code = code * BigInt(path.radices[i] ?? 1) + BigInt(path.choices[i] ?? 0)
  const text = `${head(h)}-c${path.choices.length.toString(36)}.${base64url(code)}`
  return text.length <= MAX_TOKEN ? text : null
}

export function parseToken(text: string): Result<Token> {
  const m =
    /^db1-([0-9a-f]{12})-([a-z0-9=,]+)-(?:s([0-9a-z]{1,7})|p([0-9a-z]{1,4})(?:\.([0-2]))?|c([0-9a-z]{1,6})\.([A-Za-z0-9_-]*))$/.exec(
      text,
    )
  if (!m || text.length > MAX_TOKEN)
    return err(
      fault('TOKEN_MALFORMED', 'this is not a replay token', {
        hint: 'a token looks like db1-0123456789ab-0-s1z and is copied whole',
      }),
    )
  const [, digest = '', scale = '', seed, property, how = '3', length, code = ''] = m
  const common = { digest, scale: scale === '0' ? '' : scale }
  if (seed !== undefined) {
    const n = parseInt(seed, 36)
    return n <= 0xffffffff
      ? ok({ ...common, k: 'seed', seed: n })
      : err(fault('TOKEN_MALFORMED', 'the seed of this token is too large'))
  }
  if (property !== undefined) {
    const bits = Number(how)
    const looked = { reduce: (bits & 1) !== 0, symmetry: (bits & 2) !== 0 }
    return ok({ ...common, k: 'property', property: parseInt(property, 36), ...looked })
  }
  const steps = parseInt(length ?? '0', 36)
  if (steps > 100_000) return err(fault('TOKEN_MALFORMED', 'the run of this token is too long'))
  return ok({ ...common, k: 'choices', length: steps, code: fromBase64url(code) })
}

export function checkToken(token: Token, digest: string): Result<Token> {
  if (token.digest === digest.slice(0, DIGEST)) return ok(token)
  return err(
    fault('TOKEN_OTHER_SCENARIO', 'this token belongs to another scenario, or the scenario has changed since', {
      hint: 'explore or run again for a token of the present text',
    }),
  )
}

/** The run of a choice token; each choice is decoded when the number of enabled steps is known. */
export function replayChoices(program: Program, token: Extract<Token, { k: 'choices' }>): Result<Path> {
  const choices: number[] = []
  let code = token.code
  let state: Uint32Array = program.initial
  for (let i = 0; i < token.length; i++) {
    const enabled = enabledAt(program, state)
    if (enabled.length === 0)
      return err(fault('TOKEN_NOT_REPLAYABLE', `the run ends after ${i} steps, the token says ${token.length}`))
    const choice = Number(code % BigInt(enabled.length))
    code /= BigInt(enabled.length)
    choices.push(choice)
    state = enabled[choice]?.state ?? state
  }
  const path = follow(program, choices)
  if (code !== 0n || 'at' in path)
    return err(fault('TOKEN_NOT_REPLAYABLE', 'the token does not describe a run of this scenario'))
  return ok(path)
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

function base64url(n: bigint): string {
  let out = ''
  for (let rest = n; rest > 0n; rest >>= 6n) out = `${ALPHABET[Number(rest & 63n)] ?? ''}${out}`
  return out
}

function fromBase64url(text: string): bigint {
  let n = 0n
  for (const c of text) n = (n << 6n) | BigInt(ALPHABET.indexOf(c))
  return n
}
