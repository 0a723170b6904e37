/** A carrier moves whole messages, in order, in both directions, until it closes. It does not look at them. */

export interface Receiver {
  message(message: unknown): void
  /** Something arrived that is not even a message (a damaged frame). */
  malformed(why: string): void
  /** Called once; nothing follows. */
  closed(why: string): void
}

export interface Carrier {
  /** Throws a TypeError for what cannot be carried (too large, a function, a cycle). Does nothing after the close. */
  send(message: unknown): void
  /** Called once, before anything can be received. */
  start(receiver: Receiver): void
  close(): void
}
