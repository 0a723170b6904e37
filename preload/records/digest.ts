/** A short name for a text, to notice that a file has changed. Against accidents, not against an attacker. */

/** FNV-1a, twice with different starts, over UTF-16 code units; 16 hex digits and the length. */
export function digestOf(text: string): string {
  let a = 0x811c9dc5
  let b = 0x1b873593
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    a = Math.imul(a ^ c, 0x01000193)
    b = Math.imul(b ^ c, 0x85ebca6b) ^ (b >>> 13)
  }
  const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0')
  return `${hex(a)}${hex(b)}-${text.length}`
}
