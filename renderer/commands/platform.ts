import { Cpu, FileX, ListTree, MapPin, Route, Undo2, Upload } from '@lucide/vue'
import { platformName, useCatalogue, type PlatformId } from '../stores/catalogue'
import { useChecks } from '../stores/checks'
import { useDialogs } from '../stores/dialogs'
import { useExplaining, type Asked } from '../stores/explaining'
import { useHostInfo } from '../stores/host'
import { useImporting } from '../stores/importing'
import { useLayout } from '../stores/layout'
import { usePlanning } from '../stores/planning'
import { explainPath, openPlan, openPlatform, placeDevice } from './actions'
import type { Choice, Command } from './command'

/** A platform in one word, for commands: `builtin:q35-vtd`. */
export const platformKey = (id: PlatformId): string =>
  'builtin' in id ? `builtin:${id.builtin}` : `imported:${id.imported}`
const idOf = (key = ''): PlatformId => {
  const name = key.slice(key.indexOf(':') + 1)
  return key.startsWith('builtin:') ? { builtin: name } : { imported: name }
}

const ASKED: readonly { value: Asked; title: string }[] = [
  { value: 'msi', title: 'An interrupt' },
  { value: 'dma', title: 'A DMA request' },
  { value: 'fault', title: 'A fault line of a kernel' },
]

export function platformCommands(): Command[] {
  const catalogue = useCatalogue()
  const checks = useChecks()
  const dialogs = useDialogs()
  const explaining = useExplaining()
  const importing = useImporting()
  const layout = useLayout()
  const planning = usePlanning()

  const platforms = (): Choice[] => [
    ...catalogue.importedPlatforms.map((name) => ({
      value: `imported:${name}`,
      title: name,
      note: 'imported platform',
      icon: Cpu,
    })),
    ...catalogue.builtinPlatforms.map((p) => ({
      value: `builtin:${p.id}`,
      title: p.title,
      note: 'platform',
      icon: Cpu,
    })),
  ]
  const functions = (): Choice[] =>
    (planning.shown?.platform.functions ?? []).map((f) => ({
      value: f.bdf,
      title: f.bdf,
      note: f.name ?? f.driver ?? '',
    }))
  /** Virtual devices of the open scenario, by every function that they could stand under. */
  const places = (): Choice[] => {
    const platform = catalogue.shown?.platform ?? checks.view?.platform
    return (checks.view?.devices ?? []).flatMap((d) =>
      (platform?.functions ?? [])
        .filter((f) => f.headerType === 0 && f.bdf !== d.under)
        .map((f) => ({ value: `${d.id} ${f.bdf}`, title: `${d.id} under ${f.bdf}`, note: f.name ?? '' })),
    )
  }
  return [
    {
      id: 'platform.import',
      title: 'Import a machine’s capture…',
      category: 'File',
      keys: ['Mod+I'],
      icon: Upload,
      group: 3,
      run: () => {
        if (useHostInfo().kind === 'electron') void importing.importDialog()
        else dialogs.requestImport()
      },
    },
    {
      id: 'platform.cancelImport',
      title: 'Cancel the import',
      category: 'File',
      icon: FileX,
      group: 3,
      hidden: true,
      when: () => importing.current !== null,
      run: () => importing.cancel(),
    },
    {
      id: 'platform.open',
      title: 'Show a platform…',
      category: 'View',
      icon: Cpu,
      group: 3,
      choices: platforms,
      findable: true,
      run: (what) => openPlatform(idOf(what)),
    },
    {
      id: 'platform.plan',
      title: 'Plan a platform: what Linux decides there, and why…',
      category: 'View',
      icon: ListTree,
      group: 3,
      choices: platforms,
      run: (what) => openPlan(idOf(what)),
    },
    {
      id: 'platform.ofScenario',
      title: 'Back to the platform of the open scenario',
      category: 'View',
      icon: Undo2,
      group: 3,
      when: () => catalogue.shown !== null && checks.view !== null,
      run: () => catalogue.showScenarioPlatform(),
    },
    {
      id: 'platform.place',
      title: 'Place a virtual device under a function…',
      category: 'Edit',
      icon: MapPin,
      group: 3,
      when: () => (checks.view?.devices.length ?? 0) > 0 && (catalogue.shown ?? checks.view?.platform ?? null) !== null,
      choices: places,
      run: async (what = '') => {
        const [device = '', bdf = ''] = what.split(' ')
        await placeDevice(device, bdf)
      },
    },
    {
      id: 'explain.msi',
      title: 'Explain the interrupt of a function…',
      category: 'Explore',
      icon: Route,
      group: 3,
      when: () => (planning.shown?.platform.functions.length ?? 0) > 0,
      choices: functions,
      run: (what = '') => explainPath('msi', what),
    },
    {
      id: 'explain.dma',
      title: 'Explain a DMA request of a function…',
      category: 'Explore',
      icon: Route,
      group: 3,
      when: () => (planning.shown?.platform.functions.length ?? 0) > 0,
      choices: functions,
      run: (what = '') => explainPath('dma', what),
    },
    {
      id: 'explain.about',
      title: 'Choose what is explained…',
      category: 'Explore',
      group: 3,
      choices: () => ASKED.map((a) => (a.value === explaining.asked ? { ...a, note: 'now' } : a)),
      run: (what) => {
        const asked = ASKED.find((a) => a.value === what)
        if (asked) explaining.asked = asked.value
        layout.show('explain')
      },
    },
    {
      id: 'explain.ask',
      title: 'Explain what is asked',
      category: 'Explore',
      group: 3,
      when: () => layout.hasPanel('explain'),
      run: () => explaining.ask(),
    },
    {
      id: 'platform.reload',
      title: 'Read the list of scenarios, documents and platforms again',
      category: 'File',
      group: 3,
      hidden: true,
      run: () => catalogue.load(),
    },
  ]
}

export { platformName }
