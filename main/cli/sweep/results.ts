/** A sweep's results: one JSON line a case, appended as each is done; the last line may be torn by a kill. */
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { z } from 'zod'
import { err, fault, ok, type Result } from '../../simulator/faults'

export const CaseResult = z.object({
  id: z.string(),
  args: z.array(z.string()),
  exit: z.number().describe('exit code of that command'),
  output: z.unknown().describe('what it prints with --json'),
})
export type CaseResult = z.infer<typeof CaseResult>

/** `bytes`: length of the good part; behind it lies at most one torn line. */
export function readResults(file: string): Result<{ readonly lines: readonly CaseResult[]; readonly bytes: number }> {
  if (!existsSync(file)) return ok({ lines: [], bytes: 0 })
  let text: Buffer
  try {
    text = readFileSync(file)
  } catch (e) {
    return err(fault('FILE_UNREADABLE', `${file} cannot be read: ${e instanceof Error ? e.message : ''}`, { file }))
  }
  const lines: CaseResult[] = []
  let at = 0
  for (let number = 1; at < text.length; number++) {
    const end = text.indexOf(10, at)
    if (end < 0) break // torn: the newline is written last
    const line = parsed(text.subarray(at, end).toString('utf8'))
    if (!line)
      return err(
        fault('FILE_KIND_UNKNOWN', 'this line is no result of a sweep', {
          file,
          line: number,
          hint: 'give another file to --out, or take the line away',
        }),
      )
    lines.push(line)
    at = end + 1
  }
  return ok({ lines, bytes: at })
}

function parsed(line: string): CaseResult | undefined {
  try {
    const r = CaseResult.safeParse(JSON.parse(line))
    return r.success ? r.data : undefined
  } catch {
    return undefined
  }
}

export interface Appender {
  readonly append: (result: CaseResult) => void
  readonly close: () => void
}

/** Opens the file behind its good part. Each line is on the disk before the next case starts. */
export function openResults(file: string, bytes: number): Result<Appender> {
  try {
    const fd = openSync(file, existsSync(file) ? 'r+' : 'w')
    ftruncateSync(fd, bytes)
    let at = bytes
    return ok({
      append(result) {
        const line = Buffer.from(JSON.stringify(result) + '\n')
        writeSync(fd, line, 0, line.length, at)
        at += line.length
        fsyncSync(fd)
      },
      close: () => closeSync(fd),
    })
  } catch (e) {
    return err(fault('FILE_UNWRITABLE', `${file} cannot be written: ${e instanceof Error ? e.message : ''}`, { file }))
  }
}

/** Without what differs from run to run: times. */
export function sameResult(a: CaseResult, b: CaseResult): boolean {
  const bare = (r: CaseResult): string =>
    JSON.stringify([r.exit, r.output], (key, value: unknown) => (key === 'elapsedMs' ? undefined : value))
  return bare(a) === bare(b)
}

/** The worst exit code: bad input, then violated, then undecided. */
export const worst = (codes: Iterable<number>): number => {
  const all = new Set(codes)
  return [2, 1, 3].find((c) => all.has(c)) ?? 0
}
