import {
  ArrowDownToLine,
  ChevronLeft,
  ChevronRight,
  FolderOpen,
  Flag,
  Image,
  Maximize,
  Pin,
  Ruler,
  Search,
  Waypoints,
  ZoomIn,
  ZoomOut,
} from '@lucide/vue'
import type { ExportFormat } from '../../preload/contract'
import { download } from '../bridge/download'
import { useHost } from '../bridge/host'
import { useDialogs } from '../stores/dialogs'
import { useHostInfo } from '../stores/host'
import { useLayout } from '../stores/layout'
import { useNotices } from '../stores/notices'
import { useRecordings } from '../stores/recordings'
import { useTimeline } from '../stores/timeline'
import { span } from '../timeline/axis'
import { pictureOf } from '../timeline/picture'
import type { Command } from './command'

const FORMATS: readonly { format: ExportFormat; title: string; ending: string; type: string }[] = [
  { format: 'store', title: 'run store', ending: 'dbrun', type: 'application/octet-stream' },
  { format: 'chrome', title: 'Chrome and Perfetto JSON', ending: 'json', type: 'application/json' },
  { format: 'vcd', title: 'VCD, registers as signals', ending: 'vcd', type: 'text/plain' },
  { format: 'shiviz', title: 'ShiViz log', ending: 'log', type: 'text/plain' },
  { format: 'svg', title: 'SVG', ending: 'svg', type: 'image/svg+xml' },
]

export function timelineCommands(): Command[] {
  const timeline = useTimeline()
  const recordings = useRecordings()
  const has = (): boolean => timeline.opened !== null
  const chosen = (): boolean => timeline.selected !== null
  const category = 'Timeline' as const
  const scope = 'timeline'
  return [
    {
      id: 'timeline.open',
      title: 'Open a run or a trace…',
      category,
      icon: FolderOpen,
      group: 1,
      run: async () => {
        if (useHostInfo().kind === 'electron') {
          if (await recordings.openDialog()) useLayout().show('timeline')
        } else useDialogs().requestImport()
      },
    },
    {
      id: 'timeline.openKept',
      title: 'Open a run of the workspace…',
      category,
      group: 1,
      run: async () => {
        const kept = await useHost().call('timeline.list', {})
        const names = kept.ok ? kept.value.runs : []
        useDialogs().ask({
          title: 'Open a run of the workspace',
          message: names.length > 0 ? names.slice(0, 12).join(', ') : 'There is none yet: keep run stores in runs/.',
          value: names[0] ?? '',
          confirm: 'Open',
          check: (name) => (names.includes(name) ? null : 'There is no such run.'),
          done: (name) => {
            useLayout().show('timeline')
            void recordings.open(name)
          },
        })
      },
    },
    {
      id: 'timeline.next',
      title: 'Next event',
      category,
      scope,
      keys: ['Down', '.'],
      icon: ChevronRight,
      group: 2,
      when: has,
      run: () => timeline.inAll(1),
    },
    {
      id: 'timeline.previous',
      title: 'Previous event',
      category,
      scope,
      keys: ['Up', ','],
      icon: ChevronLeft,
      group: 2,
      when: has,
      run: () => timeline.inAll(-1),
    },
    {
      id: 'timeline.nextInLane',
      title: 'Next event of the lane',
      category,
      scope,
      keys: ['Shift+Right'],
      group: 2,
      when: chosen,
      run: () => timeline.inLane(1),
    },
    {
      id: 'timeline.previousInLane',
      title: 'Previous event of the lane',
      category,
      scope,
      keys: ['Shift+Left'],
      group: 2,
      when: chosen,
      run: () => timeline.inLane(-1),
    },
    {
      id: 'timeline.find',
      title: 'Find events',
      category,
      scope,
      keys: ['/'],
      icon: Search,
      group: 3,
      when: has,
      run: () => {
        useLayout().show('timeline')
        timeline.findRequests++
      },
    },
    {
      id: 'timeline.nextMatch',
      title: 'Next match',
      category,
      scope,
      keys: ['N'],
      group: 3,
      when: () => timeline.found !== null,
      run: () => timeline.toMatch(1),
    },
    {
      id: 'timeline.previousMatch',
      title: 'Previous match',
      category,
      scope,
      keys: ['Shift+N'],
      group: 3,
      when: () => timeline.found !== null,
      run: () => timeline.toMatch(-1),
    },
    {
      id: 'timeline.zoomIn',
      title: 'Zoom in',
      category,
      scope,
      keys: ['W', '+'],
      icon: ZoomIn,
      group: 4,
      when: has,
      run: () => timeline.zoomKey(1.3),
    },
    {
      id: 'timeline.zoomOut',
      title: 'Zoom out',
      category,
      scope,
      keys: ['S', '-'],
      icon: ZoomOut,
      group: 4,
      when: has,
      run: () => timeline.zoomKey(1 / 1.3),
    },
    {
      id: 'timeline.left',
      title: 'Pan left',
      category,
      scope,
      keys: ['A'],
      group: 4,
      when: has,
      run: () => timeline.pan(-timeline.width / 6),
    },
    {
      id: 'timeline.right',
      title: 'Pan right',
      category,
      scope,
      keys: ['D'],
      group: 4,
      when: has,
      run: () => timeline.pan(timeline.width / 6),
    },
    {
      id: 'timeline.fit',
      title: 'Fit the whole run',
      category,
      scope,
      keys: ['F'],
      icon: Maximize,
      group: 4,
      when: has,
      run: () => timeline.fitAll(),
    },
    {
      id: 'timeline.fitSelected',
      title: 'Zoom to what is measured or selected',
      category,
      scope,
      keys: ['Z'],
      group: 4,
      when: () => chosen() || timeline.measure !== null,
      run: () => timeline.fitSelected(),
    },
    {
      id: 'timeline.causality',
      title: 'Colour before, after and concurrent',
      category,
      scope,
      keys: ['C'],
      icon: Waypoints,
      group: 5,
      when: has,
      checked: () => timeline.causality,
      run: () => timeline.toggleCausality(),
    },
    {
      id: 'timeline.mark',
      title: 'Marker at the selected event',
      category,
      scope,
      keys: ['M'],
      icon: Flag,
      group: 5,
      when: chosen,
      run: () => timeline.mark(),
    },
    {
      id: 'timeline.measure',
      title: 'Measure from the selected event, then to it',
      category,
      scope,
      keys: ['X'],
      icon: Ruler,
      group: 5,
      when: chosen,
      run: () => timeline.measureHere(),
    },
    {
      id: 'timeline.clear',
      title: 'Take away markers and measure',
      category,
      scope,
      keys: ['Esc'],
      group: 5,
      when: () => timeline.markers.length > 0 || timeline.measure !== null,
      run: () => timeline.clear(),
    },
    {
      id: 'timeline.pin',
      title: 'Keep the lane of the selected event on top',
      category,
      scope,
      keys: ['P'],
      icon: Pin,
      group: 5,
      when: chosen,
      run: () => {
        const lane = timeline.opened?.lanes[timeline.selected?.lane ?? -1]
        if (lane) timeline.togglePin(lane.id)
      },
    },
    ...FORMATS.map((format): Command => ({
      id: `timeline.export.${format.format}`,
      title: `Export as ${format.title}`,
      category,
      icon: ArrowDownToLine,
      group: 6,
      when: has,
      run: () => write(format),
    })),
    {
      id: 'timeline.export.png',
      title: 'Export what is seen as PNG',
      category,
      icon: Image,
      group: 6,
      when: has,
      run: async () => {
        const panel = document.querySelector<HTMLElement>('[data-testid="timeline"]')
        const picture = panel && (await pictureOf(panel, timeline.opened?.lanes ?? []))
        if (picture) download(`${fileName()}.png`, [picture], 'image/png')
        else
          useNotices().show({
            tone: 'note',
            title: 'There is no picture to export',
            message: 'Show the timeline first.',
          })
      },
    },
  ]
}

const fileName = (): string =>
  (useTimeline().opened?.title ?? 'run').replace(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 80) || 'run'

/** In pieces, as the simulator makes them; a picture shows what is seen. */
async function write({ format, ending, type, title }: (typeof FORMATS)[number]): Promise<void> {
  const timeline = useTimeline()
  const { handle, axis, width } = timeline
  if (handle === null) return
  const parts: Uint8Array<ArrayBuffer>[] = []
  const range = format === 'svg' && axis ? span(axis, width) : {}
  const answer = await useHost().call(
    'timeline.export',
    { handle, format, ...range },
    { onChunk: ({ bytes }) => void parts.push(bytes) },
  )
  if (!answer.ok) return useRecordings().failed('The run was not exported', answer.error)
  download(`${fileName()}.${ending}`, parts, type)
  useNotices().show({ tone: 'good', title: `Exported as ${title}` })
}
