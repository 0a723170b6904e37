/** Text as people paste it → plain lines: without quote marks, terminal colours, no-break spaces and HTML's entities. */

export interface PastedLine {
  /** 1-based, in the text as given. */
  readonly number: number
  readonly text: string
}

/** No tool prints longer lines; what is longer is cut, so that every pattern stays cheap. */
const LINE_LIMIT = 4096

const ESC = String.fromCharCode(27)
const COLOUR = new RegExp(`${ESC}\\[[0-9;?]*[A-Za-z]`, 'g')
const ODD_SPACE = /[\u00a0\u2000-\u200a\u202f\u3000]/g
const ZERO_WIDTH = /[\u200b-\u200d\u2060\ufeff]/g
const QUOTE = /^(?:[ \t]{0,3}>(?![A-Z]) ?){1,40}/
const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&nbsp;': ' ', '&quot;': '"' }

/** Every line, in order, empty ones too. Ends of line may be LF, CRLF or CR. */
export function pastedLines(text: string): PastedLine[] {
  return text.split(/\r\n|\n|\r/).map((raw, i) => ({ number: i + 1, text: cleaned(raw) }))
}

function cleaned(raw: string): string {
  let text = raw.length > LINE_LIMIT ? raw.slice(0, LINE_LIMIT) : raw
  if (text.includes(ESC)) text = text.replace(COLOUR, '')
  text = text.replace(ODD_SPACE, ' ').replace(ZERO_WIDTH, '')
  if (text.includes('&')) text = text.replace(/&(?:lt|gt|amp|nbsp|quot);/g, (entity) => ENTITIES[entity] ?? entity)
  return text.replace(QUOTE, '').trimEnd()
}

/** UTF-8, or the UTF-16 that Windows shells write; what is neither comes out with U+FFFD in it. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  return new TextDecoder().decode(bytes)
}
