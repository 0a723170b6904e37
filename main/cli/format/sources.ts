/** Reasons cite sections of Doorbell's notes, which nobody else can open: what is printed ends with what those stand on. */
import { citesIn, sourcesOf } from '../../simulator/sources/sources'
import { columns } from './table'

/** How a citation ends its line. `citedIn` reads it back. */
export const cited = (cite: string): string => `  [${cite}]\n`

const citedIn = (text: string): string[] => [...text.matchAll(/ {2}\[(.+)\]$/gm)].map(([, cite = '']) => cite)

/** The text and, when it cites, the list of its sources, each once. */
export function withSourceList(text: string): string {
  const sources = Object.entries(sourcesOf(citedIn(text)))
  return sources.length === 0 ? text : `${text}\nSources\n${columns(sources, { indent: '  ' })}`
}

/** The same beside the citations of an answer as JSON. */
export const withSources = <T extends object>(answer: T): T & { sources: Record<string, string> } => ({
  ...answer,
  sources: sourcesOf(citesIn(answer)),
})
