/** docs/sources.md: every section that Doorbell cites, and what it stands on. */
import { CHAPTERS } from '../main/simulator/sources/sources'

const escape = (text: string): string => text.replace(/[\\`*_|<>]/g, (c) => `\\${c}`)

const HEAD = `# Sources

Doorbell says with every decision, step and register where the fact is from: \`[20 §2]\`, \`05.16\`, \`00 S0.12\`. These are
sections of the notes that Doorbell was written from; the tables below say what each section was taken from. The same is
under the pointer in the window, at the end of what the command line prints, and in \`sources\` of its JSON.

Kernel trees that were read: 4.9.213, 4.10.17, 4.19.0, 5.2.1, 6.1-rc7, 6.3.8 and 6.12.0; kernels that were booted: 6.1.192
and 6.12.107. “VT-d 5.10” is revision 5.10 of Intel’s architecture specification. “Derived” is our own conclusion. What is
marked unverified was written from memory and checked against nothing.

Written by \`npm run sources\` from \`main/simulator/sources/\`.
`

export function sourcesDocument(): string {
  const chapters = CHAPTERS.map(({ title, sections }) => {
    const rows = Object.entries(sections).map(([key, { about, from, unverified }]) => {
      const open = unverified === undefined ? '' : ` **Unverified:** ${escape(unverified)}.`
      return `| ${key.replaceAll(' ', '\u00a0')} | ${escape(about)} | ${escape(from)}.${open} |\n`
    })
    return `\n## ${title}\n\n| section | about | from |\n| --- | --- | --- |\n${rows.join('')}`
  })
  return HEAD + chapters.join('')
}
