/** An address map as SystemRDL describes it, with addresses and bits worked out. */
export type RdlAccess = 'RW' | 'RO' | 'W1C'

export interface RdlField {
  readonly name: string
  readonly msb: number
  readonly lsb: number
  readonly access: RdlAccess
  readonly reset: bigint | null
  readonly title: string
  readonly description: string
}

export interface RdlRegister {
  readonly name: string
  /** Bytes from the start of the map. */
  readonly offset: number
  /** Bits. */
  readonly width: number
  readonly title: string
  readonly description: string
  /** Elements along each dimension of an array, the outermost first; empty: no array. */
  readonly counts: readonly number[]
  /** Bytes from one element to the next, for each dimension. */
  readonly strides: readonly number[]
  readonly fields: readonly RdlField[]
}

export interface RdlMap {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly registers: readonly RdlRegister[]
}
