/** What the parts of the fake host are made of: handlers of the contract's calls, which may refuse. */
import type { WireError } from '../../preload/contract'
import type { CallName, CallOptions, Request, Response } from '../bridge/host'

export type Handlers = {
  [K in CallName]: (request: Request<K>, options: CallOptions<K>) => Promise<Response<K>> | Response<K>
}
/** Those of the calls whose names begin so. */
export type HandlersOf<Prefix extends string> = Pick<Handlers, Extract<CallName, `${Prefix}.${string}`>>

export class Refusal extends Error {
  constructor(readonly error: WireError) {
    super(error.message)
  }
}
export const refuse = (error: WireError): never => {
  throw new Refusal(error)
}

/** A slow host takes its time; a quick one none. */
export interface Pace {
  readonly slow: boolean
  readonly pause: (ms: number) => Promise<void>
}
