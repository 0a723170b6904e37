/**
 * The one door for code that is made while Doorbell runs: parameters and body are put together by this room and the
 * engine's trials from numbers and operators of a typed model. No name, label or string of a scenario is ever in them.
 */

/** A function of these parameters with this body. */
export function generated<F extends (...a: never[]) => unknown>(parameters: readonly string[], body: string): F {
  return new Function(...parameters, `"use strict";${body}`) as unknown as F
}
