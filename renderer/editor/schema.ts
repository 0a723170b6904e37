/**
 * The scenario's JSON Schema, given to Monaco's YAML for completion and hover. The document that one is at has a schema
 * of its own, with the operations of its blocks; it is asked for again when its text has been checked.
 */
import { effectScope, watch } from 'vue'
import { useHost } from '../bridge/host'
import { useChecks } from '../stores/checks'
import { useDocuments } from '../stores/documents'
import { useNotices } from '../stores/notices'
import { useSchemas, type Schema } from './monaco'
import { modelOf } from './models'

let asked = false
let general: Schema | null = null
/** Of the active document, as long as its text can be read; the last one that could be, while one types. */
let own: { key: string; uri: string; schema: Schema; text: string } | null = null

export async function loadSchema(): Promise<void> {
  if (asked) return
  asked = true
  useSchemas(null, null)
  const answer = await useHost().call('scenario.schema', {})
  if (!answer.ok) {
    asked = false
    useNotices().fault('Completion is not available', answer.error)
    return
  }
  general = answer.value.schema
  useSchemas(general, own)
  // Lives as long as the window: panels come and go.
  effectScope(true).run(() => follow())
}

function follow(): void {
  const documents = useDocuments()
  const checks = useChecks()
  watch(
    () => {
      const key = documents.activeKey
      const check = checks.of(key)
      return key === null || check.checking ? null : { key, text: check.text }
    },
    async (now, before) => {
      if (now === null || now.text === '' || (now.key === before?.key && now.text === before.text)) return
      const answer = await useHost().call('scenario.schema', { text: now.text })
      if (!answer.ok || !answer.value.own || documents.activeKey !== now.key || !documents.open.has(now.key)) return
      const { schema } = answer.value
      const text = JSON.stringify(schema)
      if (own?.key === now.key && own.text === text) return
      own = { key: now.key, uri: modelOf(now.key).uri.toString(), schema, text }
      useSchemas(general, own)
    },
    { immediate: true },
  )
}
