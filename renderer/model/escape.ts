/** What files say is text, never markup: for the reports that the window writes. */
const HTML: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
export const htmlText = (text: string): string => text.replace(/[&<>"']/g, (c) => HTML[c] ?? c)

export const markdownText = (text: string): string =>
  text.replace(/[\\`*_[\]|#&<>]/g, (c) => (/[&<>]/.test(c) ? (HTML[c] ?? c) : `\\${c}`)).replace(/\s+/g, ' ')
