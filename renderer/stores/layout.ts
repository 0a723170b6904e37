/**
 * The dock: which panels there are, where they go, and remembering it. The dock's own API stays in here;
 * everybody else says "show this panel".
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { AddPanelOptions, DockviewApi } from 'dockview-vue'
import { useDocuments } from './documents'
import { advance, diffOf, isEmpty, opened, same, type DocumentState, type JournalEvent } from '../../preload/records'
import { dockOf, knownPanels, layoutMark, layoutRecords, sameWindow } from '../model/layout-records'
import { BEFORE, FURNITURE, LEAST, NEIGHBOURS, PANEL_IDS, PANELS, type PanelId } from '../model/panels'
import { useJournals } from './journals'
import { readLayout, writeLayout, type Remembered } from './layout-memory'

export const documentPanel = (key: string): string => `document:${key}`
export const documentKey = (panel: string): string | null => (panel.startsWith('document:') ? panel.slice(9) : null)

/** The layout's own journal; nothing to open. */
const JOURNAL = 'layout:main'

export const useLayout = defineStore('layout', () => {
  const documents = useDocuments()
  const journals = useJournals()
  const api = shallowRef<DockviewApi | null>(null)
  const remembered = readLayout()
  const sidebarOpen = ref(remembered?.sidebar.open ?? window.innerWidth >= 760)
  const sidebarWidth = ref(remembered?.sidebar.width ?? 244)
  const visible = ref<string[]>([])
  const maximised = ref(false)
  const focused = ref<string | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let rebuilding = false
  /** The window itself gave a panel all the room, not the person: the next thing shown takes it back. */
  let enlarged = false
  const state = shallowRef<DocumentState | null>(null)
  const past = computed(() => state.value?.history ?? { done: [], undone: [] })

  let attached: () => void = () => undefined
  /** Once the remembered layout stands, and its documents are open. */
  const ready = new Promise<void>((done) => (attached = done))
  async function attach(dock: DockviewApi): Promise<void> {
    api.value = dock
    const journal = await journals.open(JOURNAL, () => state.value ?? opened(new Map(), null))
    state.value = journal.state
    const kept = journal.state && fromRecords(journal.state)
    const from = remembered ?? kept
    if (!(await restore(dock, from))) build(dock)
    else if (from) complete(dock, from.known ?? BEFORE)
    dock.onDidLayoutChange(changed)
    dock.onDidActivePanelChange(() => {
      const id = dock.activePanel?.id ?? null
      focused.value = id
      const key = id ? documentKey(id) : null
      if (key) documents.activate(key)
      const tab = dock.activeGroup?.element.querySelector('.dv-active-tab')
      requestAnimationFrame(() => tab?.scrollIntoView({ block: 'nearest', inline: 'nearest' }))
      changed()
    })
    dock.onDidMaximizedGroupChange(() => (maximised.value = dock.hasMaximizedGroup()))
    dock.onDidRemovePanel(({ id }) => {
      const key = documentKey(id)
      // A panel that is only moved is removed and added again.
      if (key && !rebuilding) queueMicrotask(() => !dock.getPanel(id) && documents.close(key))
    })
    changed()
    attached()
  }

  /** True when the remembered layout could be used. Documents in it are opened again first. */
  async function restore(dock: DockviewApi, from: Remembered | null): Promise<boolean> {
    if (!from) return false
    const keys = Object.keys(from.dock.panels).flatMap((id) => documentKey(id) ?? [])
    await Promise.all(keys.map((key) => documents.openKey(key)))
    try {
      dock.fromJSON(from.dock)
    } catch {
      dock.clear()
      return false
    }
    for (const key of keys) if (!documents.open.has(key)) dock.getPanel(documentPanel(key))?.api.close()
    const shown = keys.find((key) => dock.getPanel(documentPanel(key))?.api.isVisible)
    if (shown) documents.activate(shown)
    return true
  }

  /** Panels that came after the layout was remembered, behind those in their place: once, then it is the person's to say. */
  function complete(dock: DockviewApi, known: readonly string[]): void {
    if (!FURNITURE.some((id) => dock.getPanel(id))) return
    for (const id of FURNITURE) if (!known.includes(id) && !dock.getPanel(id)) add(dock, id, home(dock, id))
  }

  /** The tabs that are in front stay there. */
  function fromRecords({ records }: DocumentState): Remembered | null {
    const front = new Set(api.value?.panels.filter((p) => p.api.isVisible).map((p) => p.id))
    const present = new Set(api.value?.panels.map((p) => p.id))
    const dock = dockOf(records, front, present)
    const sidebar = records.get('sidebar')
    if (!dock || typeof sidebar !== 'object' || sidebar === null || !('open' in sidebar) || !('width' in sidebar))
      return null
    const known = knownPanels(records)
    return {
      dock,
      sidebar: { open: sidebar.open === true, width: Number(sidebar.width) || 244 },
      ...(known ? { known } : {}),
    }
  }

  /** What the layout is now becomes a step of its history, unless it only follows the window's size. */
  function keep(dock: DockviewApi): void {
    const records = layoutRecords(dock.toJSON(), { open: sidebarOpen.value, width: sidebarWidth.value }, PANEL_IDS)
    const before = state.value
    // What another version of the workbench has laid out is where its history ends: undo would bring panels it did not have.
    const other = before && !same(before.records.get('known') ?? null, records.get('known') ?? null)
    if (!before || other)
      return void happen({ t: 'base', v: 1, records: [...records], saved: null, done: [], undone: [] })
    const diff = diffOf(before.records, records)
    if (isEmpty(diff)) return
    const mark = layoutMark(
      before.records,
      records,
      (id) => PANELS[id as PanelId] ?? documentKey(id)?.replace(/^\w+:/, '') ?? id,
    )
    const merge = !sameWindow(before.records, records)
    if (merge && before.history.done.length === 0)
      happen({ t: 'base', v: 1, records: [...records], saved: null, done: [], undone: [] })
    else happen({ t: 'step', step: { mark, diff, at: Date.now() }, ...(merge ? { merge } : {}) })
  }

  function happen(event: JournalEvent): boolean {
    const next = advance(state.value, event)
    if (!next) return false
    state.value = next
    journals.note(JOURNAL, event)
    return true
  }

  async function travel(event: JournalEvent): Promise<void> {
    const dock = api.value
    if (!dock || !happen(event) || !state.value) return
    const target = fromRecords(state.value)
    if (!target) return
    const active = documents.activeKey
    rebuilding = true
    await restore(dock, target)
    rebuilding = false
    // Documents whose panel is gone with this are closed by it, where nothing is lost.
    for (const key of documents.open.keys()) if (!dock.getPanel(documentPanel(key))) showDocument(key)
    if (active) documents.activate(active)
    sidebarOpen.value = target.sidebar.open
    sidebarWidth.value = target.sidebar.width
  }
  const undo = (): Promise<void> => travel({ t: 'undo' })
  const redo = (): Promise<void> => travel({ t: 'redo' })

  /** With nothing open the welcome has the room to itself; whatever is shown first brings the others. */
  function build(dock: DockviewApi): void {
    add(dock, 'welcome')
    if (documents.open.size > 0) furnish(dock)
  }

  function furnish(dock: DockviewApi): void {
    add(dock, 'topology', { referencePanel: 'welcome', direction: 'within' })
    add(dock, 'timeline', { direction: 'below' })
    add(dock, 'problems', { referencePanel: 'timeline', direction: 'within' })
    add(dock, 'output', { referencePanel: 'timeline', direction: 'within' })
    add(dock, 'explorer', { referencePanel: 'welcome', direction: 'right' })
    add(dock, 'stepper', { referencePanel: 'explorer', direction: 'within' })
    add(dock, 'programming', { referencePanel: 'welcome', direction: 'right' })
    const { width, height } = dock
    const right = Math.round(Math.min(440, Math.max(288, width * 0.2)))
    dock.getPanel('timeline')?.api.setSize({ height: Math.round(Math.min(520, Math.max(240, height * 0.46))) })
    const left = Math.round((width - right) * 0.53)
    // Giving one its width moves its neighbours' edges: outside first, the left one last.
    for (const [id, size] of [
      ['explorer', right],
      ['programming', width - right - left],
      ['welcome', left],
      ['explorer', right],
    ] as const)
      dock.getPanel(id)?.api.setSize({ width: size })
    for (const id of ['timeline', 'explorer', 'programming', 'welcome'] as const) dock.getPanel(id)?.api.setActive()
  }

  function add(
    dock: DockviewApi,
    id: PanelId,
    position?: { referencePanel?: string; direction: 'within' | 'right' | 'below' },
  ): void {
    const { width, height } = LEAST[id]
    const place = position ? { position: position as AddPanelOptions['position'] } : {}
    dock.addPanel({
      id,
      component: id,
      title: PANELS[id],
      inactive: true,
      minimumWidth: width,
      minimumHeight: height,
      ...place,
    })
  }

  /** The workbench proper, when only the welcome was there. */
  function unfold(dock: DockviewApi, wanted?: PanelId): void {
    if (wanted !== 'welcome' && dock.panels.length === 1 && dock.panels[0]?.id === 'welcome') furnish(dock)
    if (dock.hasMaximizedGroup()) dock.exitMaximizedGroup()
    enlarged = false
  }

  function show(id: PanelId): void {
    const dock = api.value
    if (!dock) return
    // Before anything was clicked no group is active: a panel that is not there is in no other one either.
    if (enlarged || !dock.getPanel(id) || dock.getPanel(id)?.group !== dock.activeGroup) unfold(dock, id)
    const panel = dock.getPanel(id)
    if (panel) return panel.api.setActive()
    add(dock, id, home(dock, id))
    dock.getPanel(id)?.api.setActive()
  }

  /** A panel that needs room: alone in the window where its place is narrow. */
  function showLarge(id: PanelId): void {
    show(id)
    const panel = api.value?.getPanel(id)
    if (!panel || panel.api.width >= 720 || api.value?.hasMaximizedGroup()) return
    api.value?.maximizeGroup(panel)
    enlarged = true
  }

  /** Beside the panels that it usually lives with, where those are still there. */
  function home(dock: DockviewApi, id: PanelId): { referencePanel: string; direction: 'within' | 'right' } | undefined {
    const documentPanels = dock.panels.map((p) => p.id).filter((p) => documentKey(p))
    const candidates = [...NEIGHBOURS[id], ...(id === 'welcome' || id === 'topology' ? documentPanels : [])]
    const found = candidates.find((p) => dock.getPanel(p))
    if (found) return { referencePanel: found, direction: 'within' }
    // A plan or a path is read beside its topology, never instead of it.
    const beside =
      id === 'plan' || id === 'explain'
        ? ['topology', ...documentPanels, 'welcome'].find((p) => dock.getPanel(p))
        : undefined
    return beside ? { referencePanel: beside, direction: 'right' } : undefined
  }

  function showDocument(key: string): void {
    const dock = api.value
    const document = documents.open.get(key)
    if (!dock || !document) return
    const id = documentPanel(key)
    if (enlarged || dock.getPanel(id)?.group !== dock.activeGroup || !dock.getPanel(id)) unfold(dock)
    const panel = dock.getPanel(id)
    if (panel) return panel.api.setActive()
    const beside = [...dock.panels.map((p) => p.id).filter((p) => documentKey(p)), 'welcome', 'topology'].find((p) =>
      dock.getPanel(p),
    )
    dock.addPanel({
      id,
      component: 'document',
      tabComponent: 'documentTab',
      title: document.name,
      params: { documentKey: key },
      position: beside ? { referencePanel: beside, direction: 'within' } : undefined,
    })
  }

  /** Their tabs, where they have none yet, behind the document that is in front. */
  function addDocuments(keys: readonly string[]): void {
    const front = documents.activeKey
    const missing = keys.filter((key) => !api.value?.getPanel(documentPanel(key)))
    for (const key of missing) showDocument(key)
    if (front !== null && missing.length > 0) showDocument(front)
  }

  function closePanel(id: string): void {
    api.value?.getPanel(id)?.api.close()
  }

  function toggleMaximised(): void {
    const dock = api.value
    if (!dock?.activePanel) return
    if (dock.hasMaximizedGroup()) dock.exitMaximizedGroup()
    else dock.maximizeGroup(dock.activePanel)
  }

  function toggleSidebar(): void {
    sidebarOpen.value = !sidebarOpen.value
    changed()
  }

  function focusNext(direction: 1 | -1): void {
    const dock = api.value
    if (!dock || dock.groups.length === 0) return
    const at = dock.groups.findIndex((group) => group === dock.activeGroup)
    const group = dock.groups[(at + direction + dock.groups.length) % dock.groups.length]
    group?.activePanel?.api.setActive()
    group?.element
      .querySelector<HTMLElement>('.dv-content-container [tabindex="0"], .dv-content-container button, .dv-tab')
      ?.focus()
  }

  function reset(): void {
    const dock = api.value
    if (!dock) return
    const keys = [...documents.open.keys()]
    const active = documents.activeKey
    rebuilding = true
    dock.clear()
    rebuilding = false
    build(dock)
    for (const key of keys) showDocument(key)
    if (active) showDocument(active)
    sidebarOpen.value = true
    sidebarWidth.value = 244
    changed()
  }

  /** A layout that was kept under a name. False where it is none. */
  async function apply(records: DocumentState['records']): Promise<boolean> {
    const dock = api.value
    const target = fromRecords({ ...opened(records, null) })
    if (!dock || !target) return false
    const keys = [...documents.open.keys()]
    rebuilding = true
    const done = await restore(dock, target)
    rebuilding = false
    for (const key of keys) if (!dock.getPanel(documentPanel(key))) showDocument(key)
    sidebarOpen.value = target.sidebar.open
    sidebarWidth.value = target.sidebar.width
    changed()
    return done
  }

  function changed(): void {
    const dock = api.value
    if (!dock) return
    visible.value = dock.panels.map((panel) => panel.id)
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (rebuilding || dock.hasMaximizedGroup()) return
      writeLayout({
        dock: dock.toJSON(),
        sidebar: { open: sidebarOpen.value, width: sidebarWidth.value },
        known: PANEL_IDS,
      })
      keep(dock)
    }, 300)
  }

  const hasPanel = computed(() => (id: string) => visible.value.includes(id))

  return {
    api,
    sidebarOpen,
    sidebarWidth,
    visible,
    maximised,
    focused,
    hasPanel,
    ready,
    attach,
    show,
    showLarge,
    showDocument,
    addDocuments,
    closePanel,
    toggleMaximised,
    toggleSidebar,
    focusNext,
    reset,
    changed,
    past,
    undo,
    redo,
    state,
    apply,
  }
})
