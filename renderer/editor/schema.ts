/** The scenario's JSON Schema, asked for once, given to Monaco's YAML for completion and hover. */
import { useHost } from '../bridge/host'
import { useNotices } from '../stores/notices'
import { useSchema } from './monaco'

let asked = false

export async function loadSchema(): Promise<void> {
  if (asked) return
  asked = true
  useSchema(null)
  const answer = await useHost().call('scenario.schema', {})
  if (answer.ok) return useSchema(answer.value.schema)
  asked = false
  useNotices().fault('Completion is not available', answer.error)
}
