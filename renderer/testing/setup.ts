/** Fresh stores on a fresh fake host, for component tests. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { defineComponent, h, type Component } from 'vue'
import { provideHost } from '../bridge/host'
import { forgetCommands } from '../commands/table'
import { useChecks } from '../stores/checks'
import { useDocuments } from '../stores/documents'
import { createFakeHost, type FakeHost } from './fake-host'

export function freshWorkbench(): FakeHost {
  const host = createFakeHost()
  provideHost(host)
  setActivePinia(createPinia())
  forgetCommands()
  return host
}

/** As the shell does: tooltips need their provider. Dialogs and menus are teleported to the body. */
export function mountPanel(panel: Component, props: Record<string, unknown> = {}): VueWrapper {
  const Root = defineComponent({ render: () => h(TooltipProvider, {}, { default: () => h(panel, props) }) })
  return mount(Root, { attachTo: document.body })
}

export async function openDocument(id: string): Promise<string> {
  const checks = useChecks() // made first: it watches the documents
  const document_ = await useDocuments().openBuiltin(id)
  if (!document_) throw new Error(`no scenario ${id}`)
  await checks.check(document_.key)
  await flushPromises()
  return document_.key
}

export const testId = (id: string): string => `[data-testid="${id}"]`
