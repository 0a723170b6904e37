/**
 * Finds the objects of a trace's event array in text that comes in pieces, without holding more than one of them.
 * The text is hostile: the only thing that grows with it is a counter.
 */
export interface Sink {
  /** A whole event, as text. Not null: what is wrong, and reading ends. */
  event(json: string): string | null
  /** The value of another key of the outermost object, as text. */
  other(key: string, json: string): string | null
}

export const MAX_EVENT = 1 << 20
/** Of what stands beside the events. */
export const MAX_OTHER = 1 << 24

type State = 'start' | 'keys' | 'colon' | 'value' | 'events' | 'end'

const [QUOTE, BACKSLASH, OPEN, CLOSE, LIST, UNLIST, COMMA, COLON] = [34, 92, 123, 125, 91, 93, 44, 58]

export class JsonStream {
  /** Characters seen. */
  at = 0
  private state: State = 'start'
  private parts: string[] | null = null
  private size = 0
  private depth = 0
  private inString = false
  private escaped = false
  private key = ''

  constructor(private readonly sink: Sink) {}

  get complete(): boolean {
    return this.state === 'end'
  }

  /** Null, or what is wrong. */
  push(text: string): string | null {
    let from = 0 // of the part of a captured value that lies in this piece
    for (let i = 0; i < text.length; i++) {
      const c = text.charCodeAt(i)
      if (this.parts) {
        if (this.inString) {
          if (this.escaped) this.escaped = false
          else if (c === BACKSLASH) this.escaped = true
          else if (c === QUOTE) this.inString = false
          else continue
          if (this.inString || this.depth > 0) continue
        } else if (c === QUOTE) {
          this.inString = true
          continue
        } else if (c === OPEN || c === LIST) {
          this.depth++
          continue
        } else if (c === CLOSE || c === UNLIST) {
          this.depth--
          if (this.depth > 0) continue
          if (this.depth < 0) {
            const wrong = this.finish(text.slice(from, i)) // a bare number or word, ended by what is around it
            if (wrong !== null) return wrong
            i--
            continue
          }
        } else if (this.depth === 0 && c === COMMA) {
          const wrong = this.finish(text.slice(from, i))
          if (wrong !== null) return wrong
          continue
        } else continue
        const wrong = this.finish(text.slice(from, i + 1))
        if (wrong !== null) return wrong
        continue
      }
      if (c === 32 || c === 10 || c === 13 || c === 9 || c === 0xfeff) continue
      const wrong = this.between(c)
      if (wrong !== null) return `${wrong} at character ${this.at + i}`
      if (this.parts) from = i
    }
    this.at += text.length
    if (this.parts) {
      this.parts.push(text.slice(from))
      this.size += text.length - from
      if (this.size > (this.state === 'events' ? MAX_EVENT : MAX_OTHER))
        return `one value is longer than ${this.state === 'events' ? MAX_EVENT : MAX_OTHER} characters`
    }
    return null
  }

  private capture(c: number): void {
    this.parts = []
    this.size = 0
    this.inString = c === QUOTE
    this.escaped = false
    this.depth = c === OPEN || c === LIST ? 1 : 0
  }

  /** A character outside of any captured value. */
  private between(c: number): string | null {
    switch (this.state) {
      case 'start':
        if (c === LIST) this.state = 'events'
        else if (c === OPEN) this.state = 'keys'
        else return 'neither an object nor a list begins'
        this.key = c === LIST ? 'traceEvents' : ''
        return null
      case 'keys':
        if (c === QUOTE) this.capture(c)
        else if (c === CLOSE) this.state = 'end'
        else if (c !== COMMA) return 'a key was expected'
        return null
      case 'colon':
        if (c !== COLON) return 'a colon was expected'
        this.state = 'value'
        return null
      case 'value':
        if (this.key === 'traceEvents') {
          if (c !== LIST) return 'traceEvents is not a list'
          this.state = 'events'
        } else this.capture(c)
        return null
      case 'events':
        if (c === OPEN) this.capture(c)
        else if (c === UNLIST) this.state = this.key === '' ? 'end' : 'keys'
        else if (c !== COMMA) return 'an event was expected'
        return null
      case 'end':
        return 'something stands behind the end'
    }
  }

  private finish(last: string): string | null {
    const text = (this.parts ?? []).join('') + last
    this.parts = null
    if (this.state === 'events') return this.sink.event(text)
    if (this.state === 'keys') {
      try {
        this.key = String(JSON.parse(text))
      } catch {
        return 'a key is not a string'
      }
      this.state = 'colon'
      return null
    }
    this.state = 'keys'
    return this.sink.other(this.key, text)
  }
}
