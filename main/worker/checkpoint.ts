/**
 * An exploration put aside: what it is of, and how far it has come. Only the same exploration may go on from it: the same
 * meaning of the scenario, at the same scale, reduced in the same way, by the same version of the explorer. Bounds may differ.
 */
import { fault, type Fault } from '../simulator/faults'
import type { Piece } from '../simulator/engine/pieces'
import { digestOf } from '../simulator/scenario/digest'
import type { Ready } from './exploring'

/** Raised whenever the explorer counts otherwise or puts other things aside. */
const ENGINE = 3

export interface About {
  readonly engine: number
  /** Digests of the scenario and of the model it was compiled to. */
  readonly scenario: string
  readonly model: string
  readonly scale: string
  readonly reduce: boolean
  readonly symmetry: boolean
}

export interface Checkpoint {
  readonly about: About
  readonly pieces: readonly Piece[]
}

export const aboutOf = ({ c }: Ready, how: { readonly reduce: boolean; readonly symmetry: boolean }): About => ({
  engine: ENGINE,
  scenario: c.digest,
  model: digestOf([c.model.variables, c.model.agents, c.model.steps, c.model.properties.map((p) => p.test)]),
  scale: c.scale,
  reduce: how.reduce,
  symmetry: how.symmetry,
})

/** Errors: CHECKPOINT_OTHER. */
export function otherwise(kept: About, asked: About): Fault | null {
  const other = (what: string, hint: string): Fault =>
    fault('CHECKPOINT_OTHER', `the checkpoint is of another exploration: ${what}`, { hint })
  const withOptions = (name: string, on: boolean): string =>
    on ? `leave out --no-${name}, as it was` : `add --no-${name}, as it was`
  if (kept.engine !== asked.engine)
    return other(
      `its explorer is of version ${kept.engine}, this one of version ${asked.engine}`,
      'explore from the start, or go on with the version of Doorbell that wrote it',
    )
  if (kept.scenario !== asked.scenario)
    return other('of another scenario, or the scenario means something else by now', 'explore from the start')
  if (kept.scale !== asked.scale)
    return other(
      `at the scale ${kept.scale || 'of the file'}, not ${asked.scale || 'of the file'}`,
      kept.scale ? `go on with --scale ${kept.scale}` : 'leave out --scale',
    )
  if (kept.model !== asked.model)
    return other('the platform or a block that the scenario names has changed', 'explore from the start')
  if (kept.reduce !== asked.reduce) return other('with other options', withOptions('reduce', kept.reduce))
  if (kept.symmetry !== asked.symmetry) return other('with other options', withOptions('symmetry', kept.symmetry))
  return null
}

export const damaged = (why: string): Fault =>
  fault('CHECKPOINT_DAMAGED', `this is no whole checkpoint: ${why}`, { hint: 'explore from the start' })
