/**
 * Sizes and addresses as the PAMU writes them, as texts of the expression language over 4 KiB pages (address >> 12; 36
 * address bits are 24 bits of page number). Sources: reference 50 §1, §1.1 (size = 2^(WSE+1), windows = 2^(WCE+1)).
 */

/** Modelled LIODNs, windows of each (sub-window 0 and seven SPAACEs), MSI banks and interrupts of each bank. */
export const LIODNS = 2
export const WINDOWS = 8
export const BANKS = 3
export const IRQS = 2

export const numbers = (n: number, from = 0): number[] => Array.from({ length: n - from }, (_, i) => from + i)

export const PAGES_PER_MIB = 256
/** 4 KiB … 64 GiB: code 0x0B … 0x23. */
const CODES = numbers(36, 11)
/** One chain of `?:`, the last text where nothing fits. */
const chain = (cases: readonly (readonly [string, string | number])[], otherwise: string | number): string =>
  `(${cases.map(([test, value]) => `${test} ? ${value} : `).join('')}${otherwise})`

/** Pages of a window whose WSE or SWSE is this; a code below 4 KiB stands for one page. */
export const pagesOf = (code: string): string =>
  chain(
    CODES.slice(1).map((c) => [`${code} == ${c}`, 2 ** (c - 11)]),
    1,
  )
/** The code of a size in pages, a power of two. */
export const codeOf = (pages: string): string =>
  chain(
    CODES.map((c) => [`${pages} == ${2 ** (c - 11)}`, c]),
    0,
  )
export const isPowerOfTwo = (n: string): string =>
  `(${numbers(25)
    .map((k) => `${n} == ${2 ** k}`)
    .join(' || ')})`
/** Windows of an entry whose WCE is this. */
export const countOf = (wce: string): string =>
  chain(
    numbers(8).map((c) => [`${wce} == ${c}`, 2 ** (c + 1)]),
    1,
  )
export const wceOf = (count: string): string =>
  chain(
    numbers(8).map((c) => [`${count} == ${2 ** (c + 1)}`, c]),
    0,
  )

/** Page number ↔ the halves in WBAH:WBAL and TWBAH:TWBAL. */
export const HIGH = 0x100000
export const joined = (high: string, low: string): string => `(${high} * ${HIGH} + ${low})`
export const highOf = (page: string): string => `((${page}) / ${HIGH})`
export const lowOf = (page: string): string => `((${page}) % ${HIGH})`

/** Permission bits AP: 0 denied, 1 query (read), 2 update (write), 3 all. */
export const AP = { denied: 0, query: 1, update: 2, all: 3 } as const
export const permits = (ap: string, write: string): string => `(${ap} == all || ${ap} == (${write} ? update : query))`
export const apOf = (read: string, write: string): string =>
  `(${read} ? (${write} ? all : query) : (${write} ? update : denied))`

/** The one of `NAME0` … `NAME7` whose number this is; the last one for a number that is none. */
export const pick = (name: string, w: string): string =>
  numbers(WINDOWS - 1).reduceRight((rest, n) => `(${w} == ${n} ? ${name}${n} : ${rest})`, `${name}${WINDOWS - 1}`)
