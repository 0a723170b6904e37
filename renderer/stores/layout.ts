/**
 * The dock: which panels there are, where they go, and remembering it. The dock's own API stays in here;
 * everybody else says "show this panel".
 */
import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import type { DockviewApi } from 'dockview-vue'
import { useDocuments } from './documents'
import { opened, type DocumentState, type JournalEvent } from '../../preload/records'
import { layoutOf, layoutRecords, type Remembered } from '../model/layout-records'
import { BEFORE, FURNITURE, PANEL_IDS, type PanelId } from '../model/panels'
import { addPanel, documentKey, documentPanel, focusGroup, furnish, homeOf } from './layout-furniture'
import { useLayoutHistory } from './layout-history'
import { readLayout, writeLayout } from './layout-memory'
import { useTimelineRoom } from './layout-room'

export { documentKey, documentPanel }

export const useLayout = defineStore('layout', () => {
  const documents = useDocuments()
  const history = useLayoutHistory()
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
  const room = useTimelineRoom(api)

  let attached: () => void = () => undefined
  /** Once the remembered layout stands, and its documents are open. */
  const ready = new Promise<void>((done) => (attached = done))
  async function attach(dock: DockviewApi): Promise<void> {
    api.value = dock
    await history.open()
    const kept = history.state.value && fromRecords(history.state.value)
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
    dock.onDidMaximizedGroupChange(() => {
      maximised.value = dock.hasMaximizedGroup()
      if (!maximised.value) room.fit()
    })
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
    room.restored(from.waiting === true)
    return true
  }

  /** Panels that came after the layout was remembered, behind those in their place: once, then it is the person's to say. */
  function complete(dock: DockviewApi, known: readonly string[]): void {
    if (!FURNITURE.some((id) => dock.getPanel(id))) return
    for (const id of FURNITURE) if (!known.includes(id) && !dock.getPanel(id)) addPanel(dock, id, homeOf(dock, id))
  }

  /** The tabs that are in front stay there. */
  function fromRecords({ records }: DocumentState): Remembered | null {
    const front = new Set(api.value?.panels.filter((p) => p.api.isVisible).map((p) => p.id))
    const present = new Set(api.value?.panels.map((p) => p.id))
    return layoutOf(records, front, present)
  }

  async function travel(event: JournalEvent): Promise<void> {
    const dock = api.value
    if (!dock || !history.happen(event) || !history.state.value) return
    const target = fromRecords(history.state.value)
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
    room.declined()
  }
  const undo = (): Promise<void> => travel({ t: 'undo' })
  const redo = (): Promise<void> => travel({ t: 'redo' })

  /** With nothing open the welcome has the room to itself; whatever is shown first brings the others. */
  function build(dock: DockviewApi): void {
    addPanel(dock, 'welcome')
    if (documents.open.size > 0) furnish(dock, room.begin())
  }

  /** The workbench proper, when only the welcome was there. */
  function unfold(dock: DockviewApi, wanted?: PanelId): void {
    if (wanted !== 'welcome' && dock.panels.length === 1 && dock.panels[0]?.id === 'welcome')
      furnish(dock, room.begin())
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
    addPanel(dock, id, homeOf(dock, id))
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
    if (api.value) focusGroup(api.value, direction)
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
      const mark = room.settle()
      const sidebar = { open: sidebarOpen.value, width: sidebarWidth.value }
      const now = { dock: dock.toJSON(), sidebar, known: PANEL_IDS, ...(room.waiting.value ? { waiting: true } : {}) }
      writeLayout(now)
      history.keep(layoutRecords(now), mark)
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
    past: history.past,
    undo,
    redo,
    state: history.state,
    apply,
  }
})
