/** What one section of the notes stands on. */
export interface Ground {
  /** What the section says, in a few words. */
  readonly about: string
  /** Where that can be looked up: kernel files and functions, specifications with their sections, mails with their date. */
  readonly from: string
  /** What of it was written from memory, or that all of it was. */
  readonly unverified?: string
}

/** Section → what it stands on. */
export type Chapter = Readonly<Record<string, Ground>>
