/** One change of a board, as the window asks for it: refused with its reason, or a new board and what to select on it. */
import { err, fault, ok, type Result } from '../../faults'
import { checkPlatform } from '../check'
import { PciFunction, type Platform } from '../schema'
import type { PartId } from './parts'
import { addFunction, addPart, moveFunction, removeFunction, type Placed } from './tree'
import { addController, addIommu, addRoot, removeUnit, serve, setRemapping, type MsiKind, type UnitKind } from './units'

export type PlatformEdit =
  | { readonly op: 'add-part'; readonly part: PartId; readonly under: string }
  | { readonly op: 'add-function'; readonly of: string }
  | { readonly op: 'add-root'; readonly segment: number }
  | { readonly op: 'add-iommu'; readonly kind: UnitKind }
  | { readonly op: 'add-msi'; readonly kind: MsiKind }
  /** A function with all below it, a unit, a controller or a root bus. */
  | { readonly op: 'remove'; readonly what: string }
  | { readonly op: 'move'; readonly what: string; readonly under: string }
  | { readonly op: 'serve'; readonly unit: string; readonly what: string; readonly on: boolean }
  | { readonly op: 'remapping'; readonly unit: string; readonly on: boolean }
  /** Fields of a function in the shape of the schema; null takes one away. Its place is changed by `move`. */
  | { readonly op: 'set'; readonly what: string; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly op: 'name'; readonly name: string }
  | { readonly op: 'kernel'; readonly release?: string | undefined; readonly cmdline?: string | undefined }

/** Tables that speak of functions by bus number: they are no longer about this board once buses are numbered anew. */
const BY_BUS = ['dmar', 'ivrs', 'iort', 'viot', 'mcfg'] as const
const DROPPED = 'firmware tables of the import are left out: buses were numbered anew since'
/** Fields that only other edits may change. */
const PLACE = new Set(['bdf', 'parent', 'bridge', 'headerType', 'physfn'])

/** Errors: PLATFORM_LINK, PLATFORM_UNKNOWN, PLATFORM_UNKNOWN_BDF, PLATFORM_INVALID. */
export function editPlatform(platform: Platform, edit: PlatformEdit): Result<Placed> {
  const placed = apply(platform, edit)
  if (!placed.ok) return placed
  const board = withoutStale(placed.value)
  const problem = checkPlatform(board)[0]
  return problem
    ? err(fault('PLATFORM_INVALID', `${problem.path.join('.')}: ${problem.message}`))
    : ok({ ...placed.value, platform: board })
}

function apply(platform: Platform, edit: PlatformEdit): Result<Placed> {
  switch (edit.op) {
    case 'add-part':
      return addPart(platform, edit.part, edit.under)
    case 'add-function':
      return addFunction(platform, edit.of)
    case 'add-root':
      return addRoot(platform, edit.segment)
    case 'add-iommu':
      return addIommu(platform, edit.kind)
    case 'add-msi':
      return addController(platform, edit.kind)
    case 'remove':
      return platform.functions.some((fn) => fn.bdf === edit.what)
        ? removeFunction(platform, edit.what)
        : removeUnit(platform, edit.what)
    case 'move':
      return moveFunction(platform, edit.what, edit.under)
    case 'serve':
      return serve(platform, edit.unit, edit.what, edit.on)
    case 'remapping':
      return setRemapping(platform, edit.unit, edit.on)
    case 'set':
      return setFields(platform, edit.what, edit.fields)
    case 'name':
      return ok({ platform: { ...platform, name: edit.name }, id: '', moved: new Map() })
    case 'kernel':
      return ok({
        platform: {
          ...platform,
          kernel: {
            ...platform.kernel,
            ...(edit.release === undefined ? {} : { release: edit.release }),
            ...(edit.cmdline === undefined ? {} : { cmdline: edit.cmdline }),
          },
        },
        id: '',
        moved: new Map(),
      })
  }
}

function setFields(platform: Platform, bdf: string, fields: Readonly<Record<string, unknown>>): Result<Placed> {
  const before = platform.functions.find((fn) => fn.bdf === bdf)
  if (!before) return err(fault('PLATFORM_UNKNOWN_BDF', `the board has no function ${bdf}`))
  const fixed = Object.keys(fields).find((name) => PLACE.has(name))
  if (fixed !== undefined)
    return err(
      fault('PLATFORM_LINK', `${fixed} of ${bdf} follows from its place`, { hint: 'move the function instead' }),
    )
  const kept = Object.entries({ ...before, ...fields }).filter(([, value]) => value !== null)
  const parsed = PciFunction.strict().safeParse(Object.fromEntries(kept))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    return err(
      fault('PLATFORM_INVALID', `${bdf} ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a function'}`),
    )
  }
  // What a person sets is known from then on.
  const unknown = parsed.data.unknown.filter((name) => !(name in fields))
  const after: PciFunction = { ...parsed.data, unknown }
  return ok({
    platform: { ...platform, functions: platform.functions.map((fn) => (fn.bdf === bdf ? after : fn)) },
    id: bdf,
    moved: new Map(),
  })
}

function withoutStale({ platform, moved }: Placed): Platform {
  const { tables } = platform
  if (moved.size === 0 || !tables || !BY_BUS.some((name) => tables[name])) return platform
  const rest = Object.fromEntries(Object.entries(tables).filter(([name]) => !BY_BUS.some((stale) => stale === name)))
  return {
    ...platform,
    ...(Object.keys(rest).length > 0 ? { tables: rest } : { tables: undefined }),
    assumptions: platform.assumptions.includes(DROPPED) ? platform.assumptions : [...platform.assumptions, DROPPED],
  }
}
