import { FileCode2, FileText } from '@lucide/vue'
import { download } from '../bridge/download'
import { useHost } from '../bridge/host'
import { runHtml } from '../report/html'
import { runMarkdown } from '../report/markdown'
import { runOutline, type RunOutline } from '../report/outline'
import { useDocuments } from '../stores/documents'
import { useExploration } from '../stores/exploration'
import { useNotices } from '../stores/notices'
import { useRecordings } from '../stores/recordings'
import { useRuns } from '../stores/runs'
import type { Command } from './command'

export function reportCommands(): Command[] {
  const runs = useRuns()
  const has = (): boolean => runs.run !== null
  return [
    {
      id: 'run.markdown',
      title: 'Export the run as Markdown',
      category: 'File',
      icon: FileText,
      group: 9,
      when: has,
      run: () => write('md', 'text/markdown', async (o) => Promise.resolve(runMarkdown(o))),
    },
    {
      id: 'run.html',
      title: 'Export the run as one HTML file',
      category: 'File',
      icon: FileCode2,
      group: 9,
      when: has,
      run: () => write('html', 'text/html', async (o) => runHtml(o, await picture())),
    },
  ]
}

async function write(ending: string, type: string, make: (o: RunOutline) => Promise<string>): Promise<void> {
  const { run } = useRuns()
  if (!run) return
  const explored = useExploration().all.get(run.key)
  const document_ = useDocuments().open.get(run.key)
  // Verdicts of another text say nothing about this run.
  const results = explored && explored.text === (run.text ?? document_?.text) ? explored.result?.properties : undefined
  const name = document_?.name ?? run.key
  const text = await make(runOutline(name, run, results ?? []))
  const file = `${name.replace(/\.ya?ml$/, '')}-${run.property ?? run.kind}`.replace(/[^A-Za-z0-9._-]+/g, '-')
  download(`${file}.${ending}`, [text], `${type};charset=utf-8`)
  useNotices().show({ tone: 'good', title: `${file}.${ending} exported` })
}

/** The whole run, as the timeline's own export draws it; '' while it is not recorded, or the simulator is away. */
async function picture(): Promise<string> {
  const { current } = useRecordings()
  if (!current || current.run !== useRuns().run) return ''
  const parts: Uint8Array<ArrayBuffer>[] = []
  const answer = await useHost().call(
    'timeline.export',
    { handle: current.opened.handle, format: 'svg' },
    { onChunk: ({ bytes }) => void parts.push(bytes) },
  )
  return answer.ok ? await new Blob(parts).text() : ''
}
