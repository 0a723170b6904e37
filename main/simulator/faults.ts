/**
 * Faults: what can be wrong with something that a person gave us (a file, an option, a value).
 * A fault is a value, never thrown; a broken invariant of our own is an assert and throws.
 * The code is stable (scripts match on it), the message is for a person, the hint says how to mend it.
 */

export const FAULT_CODES = [
  // reading any text or archive
  'FILE_NOT_FOUND',
  'FILE_UNREADABLE',
  'FILE_TOO_LARGE',
  'FILE_KIND_UNKNOWN',
  'FILE_EXISTS',
  'FILE_CHANGED',
  'FILE_UNWRITABLE',
  'FILE_BAD_NAME',
  'SWEEP_SHAPE',
  // the journal of unsaved work
  'JOURNAL_TAKEN',
  'JOURNAL_TOO_LARGE',
  'WORKSPACE_BUSY',
  // archives
  'ARCHIVE_TRUNCATED',
  'ARCHIVE_CORRUPT',
  'ARCHIVE_UNSAFE_PATH',
  'ARCHIVE_UNSAFE_LINK',
  'ARCHIVE_UNSAFE_MEMBER',
  'ARCHIVE_MEMBER_TOO_LARGE',
  'ARCHIVE_TOO_LARGE',
  'ARCHIVE_TOO_MANY_MEMBERS',
  // captures of a machine
  'CAPTURE_EMPTY',
  'CAPTURE_NO_PCI',
  'CAPTURE_BAD_VALUE',
  'CONFIG_SPACE_TRUNCATED',
  'CONFIG_SPACE_LOOP',
  // ACPI tables
  'ACPI_TRUNCATED',
  'ACPI_BAD_LENGTH',
  'ACPI_BAD_CHECKSUM',
  'ACPI_BAD_SIGNATURE',
  'ACPI_LOOP',
  'ACPI_UNKNOWN_STRUCTURE',
  'ACPI_SCOPE_NOT_FOUND',
  'ACPIDUMP_MALFORMED',
  'ACPI_NO_TABLE',
  // device trees
  'DEVICETREE_TRUNCATED',
  'DEVICETREE_CORRUPT',
  'DEVICETREE_SYNTAX',
  // register descriptions
  'RDL_SYNTAX',
  'RDL_UNSUPPORTED',
  'RDL_RANGE',
  // pasted text
  'LSPCI_EMPTY',
  'OBSERVED_EMPTY',
  // several inputs about one machine
  'IMPORT_NO_PCI',
  'IMPORT_SEVERAL_MACHINES',
  // platforms
  'PLATFORM_UNKNOWN',
  'PLATFORM_INVALID',
  'PLATFORM_UNKNOWN_BDF',
  'PLATFORM_NOT_PLACEABLE',
  'PLATFORM_LINK',
  // what a placement takes for granted (warnings)
  'PLACE_CONFIG_UNKNOWN',
  'PLACE_NO_PASID',
  'PLACE_NO_SCALABLE_MODE',
  'PLACE_NO_REMAPPING',
  'PLACE_NO_IMS',
  'PLACE_OTHER_DOORBELL',
  'PLACE_UNIT_OFF',
  // scenarios
  'SCENARIO_UNKNOWN',
  'SCENARIO_YAML_SYNTAX',
  'SCENARIO_YAML_UNSAFE',
  'SCENARIO_VERSION',
  'SCENARIO_SHAPE',
  'SCENARIO_UNKNOWN_KEY',
  'SCENARIO_UNKNOWN_AGENT',
  'SCENARIO_UNKNOWN_OPERATION',
  'SCENARIO_MISPLACED_OPERATION',
  'SCENARIO_OPERAND',
  'SCENARIO_VECTOR_RANGE',
  'SCENARIO_UNKNOWN_STEP',
  'SCENARIO_UNKNOWN_NAME',
  'SCENARIO_DUPLICATE_NAME',
  'SCENARIO_ORDERING',
  'SCENARIO_EDGE',
  'SCENARIO_SCALE',
  // blocks: a device's own declaration, and its instances
  'BLOCK_SHAPE',
  'BLOCK_UNKNOWN',
  'BLOCK_PARAMETER',
  'BLOCK_PORT',
  'BLOCK_TEMPLATE',
  'BLOCK_NAME',
  'BLOCK_CYCLE',
  'EXPRESSION_SYNTAX',
  'EXPRESSION_TYPE',
  'MODEL_TOO_LARGE',
  // runs and tokens
  'TOKEN_MALFORMED',
  'TOKEN_OTHER_SCENARIO',
  'TOKEN_NOT_REPLAYABLE',
  // registers written by hand
  'REGISTER_GUARDED',
  'REGISTER_VALUE',
  // checkpoints of explorations
  'CHECKPOINT_DAMAGED',
  'CHECKPOINT_OTHER',
  // run stores and traces
  'RUN_STORE_DAMAGED',
  'RUN_STORE_VERSION',
  'RUN_CLOSED',
  'RUN_OTHER_SCENARIO',
  'TRACE_SYNTAX',
  'TRACE_TOO_LARGE',
  'SEARCH_SYNTAX',
  // explanations
  'FAULT_LINE_UNKNOWN',
  'FAULT_LINE_AMBIGUOUS',
  // the command line
  'USAGE',
] as const

export type FaultCode = (typeof FAULT_CODES)[number]

export interface Fault {
  readonly code: FaultCode
  readonly message: string
  /** File as the user named it. */
  readonly file?: string
  /** 1-based. */
  readonly line?: number
  /** 1-based. */
  readonly column?: number
  readonly endLine?: number
  readonly endColumn?: number
  /** Byte offset, for binary input. */
  readonly offset?: number
  /** What to do about it. */
  readonly hint?: string
}

export type Result<T, E = Fault> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E }

export const ok = <T>(value: T): { ok: true; value: T } => ({ ok: true, value })
export const err = <E>(error: E): { ok: false; error: E } => ({ ok: false, error })
export const fault = (code: FaultCode, message: string, at: Omit<Fault, 'code' | 'message'> = {}): Fault => ({
  code,
  message,
  ...at,
})

/** An invariant of our own code. A user's file must never be able to reach it. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${message}`)
}

/** The nearest of `names` to `word` by edit distance, for "did you mean …"; undefined when nothing is near. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1
  for (const name of names) {
    const d = editDistance(word.toLowerCase(), name.toLowerCase())
    if (d < bestDistance) {
      best = name
      bestDistance = d
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, swap))
    }
    row = next
  }
  return row[b.length] ?? 0
}
