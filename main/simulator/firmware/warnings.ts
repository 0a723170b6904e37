/** Warnings of an import: what was odd or missing, without stopping it. */
import type { Fault, FaultCode } from '../faults'
import type { PlatformWarning } from '../platform/schema'

/** Codes of warnings: every fault code, and conditions that are never fatal. */
export const WARNING_CODES = [
  'CAPTURE_INCOMPLETE',
  'CONFIG_SPACE_ABSENT',
  'CONFIG_SPACE_UNKNOWN_TYPE',
  'CONFIG_SPACE_ALL_ONES',
  'TOPOLOGY_GUESSED',
  'ACPI_BAD_REFERENCE',
  'ACPI_SCOPE_TYPE_MISMATCH',
  'ACPI_SCOPE_CONFLICT',
  'ACPI_DUPLICATE_UNIT',
  'ACPI_UNIT_ORDER',
  'ACPI_REGION_MALFORMED',
  'ACPI_NO_IOAPIC_SCOPE',
  'ACPI_ITS_MISSING',
  'DEVICETREE_REFERENCE',
  'LSPCI_ACCESS_DENIED',
  'LSPCI_TRUNCATED',
  'LSPCI_CONFLICT',
  'LSPCI_HEX_MALFORMED',
  'LSPCI_NAMES_ONLY',
  'LSPCI_NO_EXTENDED',
  'LSPCI_ACS_LAYOUT',
  'OBSERVED_SEVERAL_BOOTS',
  'AML_NOT_UNDERSTOOD',
  'DEVICETREE_INCLUDE',
  'IMPORT_CONFLICT',
  'WARNINGS_LEFT_OUT',
] as const

export type WarningCode = FaultCode | (typeof WARNING_CODES)[number]

export function warning(
  code: WarningCode,
  message: string,
  at: { file?: string; offset?: number } = {},
): PlatformWarning {
  return { code, message, ...at }
}

/** A fault that the import survives. */
export function asWarning(fault: Fault, file: string, consequence: string): PlatformWarning {
  return {
    code: fault.code,
    message: `${fault.message}; ${consequence}`,
    file,
    ...(fault.offset === undefined ? {} : { offset: fault.offset }),
  }
}
