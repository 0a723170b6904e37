/** The fake host's workspace: documents, journals and shelves in memory. */
import type { DocumentRef } from '../../preload/contract'
import { digestOf, type Json } from '../../preload/records'
import { refuse, type HandlersOf } from './fake-handlers'

export interface FakeWorkspace {
  /** Files by name. */
  readonly documents: Map<string, string>
  readonly journals: Map<string, string[]>
  readonly handlers: HandlersOf<'document' | 'journal' | 'shelf'>
}

export function fakeWorkspace(): FakeWorkspace {
  const documents = new Map<string, string>()
  const journals = new Map<string, string[]>()
  const shelves = { runs: new Map<string, Json>(), layouts: new Map<string, Json>() }
  const fileOf = (ref: DocumentRef): string => ('name' in ref ? ref.name : ref.outside)
  let writer = 0
  const handlers: FakeWorkspace['handlers'] = {
    'document.list': () => ({ documents: [...documents.keys()].map((name) => ({ name, modified: 0 })) }),
    'document.read': (ref) => {
      const key = fileOf(ref)
      const text = documents.get(key)
      if (text === undefined) return refuse({ code: 'FILE_NOT_FOUND', message: `there is no ${key}` })
      return { name: key, text, where: '' }
    },
    'document.write': ({ ref, text, expects }) => {
      const key = fileOf(ref)
      const there = documents.get(key)
      if (expects !== undefined && there !== undefined && digestOf(there) !== expects)
        return refuse({ code: 'FILE_CHANGED', message: `${key} was changed by somebody else`, file: key })
      documents.set(key, text)
      return { modified: 1 }
    },
    'document.openDialog': () => null,
    'document.saveDialog': () => null,
    'document.asked': () => ({ refs: [] }),
    'document.recent': () => ({
      recent: [...documents.keys()].map((name) => ({ ref: { name }, title: name, where: '' })),
    }),
    'journal.list': () => ({ journals: [...journals.keys()].map((key) => ({ key, modified: 0, held: false })) }),
    'journal.open': ({ key }) => ({ writer: ++writer, lines: [...(journals.get(key) ?? [])], torn: false }),
    'journal.append': ({ key, lines }) => {
      journals.set(key, [...(journals.get(key) ?? []), ...lines])
      return {}
    },
    'journal.reset': ({ key, lines }) => {
      journals.set(key, [...lines])
      return {}
    },
    'journal.drop': ({ key }) => {
      journals.delete(key)
      return {}
    },
    'shelf.list': ({ shelf }) => ({ names: [...shelves[shelf].keys()] }),
    'shelf.read': ({ shelf, name }) => ({ value: shelves[shelf].get(name) ?? null }),
    'shelf.write': ({ shelf, name, value }) => {
      shelves[shelf].set(name, value)
      return { modified: 1 }
    },
  }
  return { documents, journals, handlers }
}
