/** What a run can be written as. Each yields text or bytes in pieces, so that nothing large is ever held whole. */
import type { EventStore } from '../events'
import { writeStore } from '../file'
import { chromeTrace } from './chrome-out'
import { shiviz } from './shiviz'
import { svg } from './svg'
import { vcd } from './vcd'

export type Format = 'store' | 'chrome' | 'vcd' | 'shiviz' | 'svg'

/** For pictures: the stretch that they show; absent: the whole run. */
export interface Range {
  readonly from?: number
  readonly to?: number
}

const encoder = new TextEncoder()
const PIECE = 256 * 1024

export function* exported(store: EventStore, format: Format, range: Range = {}): Generator<Uint8Array<ArrayBuffer>> {
  if (format === 'store') {
    for (const column of writeStore(store))
      for (let at = 0; at < column.length; at += PIECE) yield column.slice(at, at + PIECE)
    return
  }
  let text = ''
  for (const part of texts(store, format, range)) {
    text += part
    if (text.length < PIECE / 4) continue // a character is up to three bytes
    yield encoder.encode(text)
    text = ''
  }
  yield encoder.encode(text)
}

function texts(store: EventStore, format: Exclude<Format, 'store'>, range: Range): Generator<string> {
  switch (format) {
    case 'chrome':
      return chromeTrace(store)
    case 'vcd':
      return vcd(store)
    case 'shiviz':
      return shiviz(store)
    case 'svg':
      return svg(store, range)
  }
}
