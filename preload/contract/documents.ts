/** Documents between window and host: files, journals of unsaved work, runs and layouts, and the desktop's menu. */
import { z } from 'zod'

/** By its name in the workspace, or by the number that the host gave to a file outside it. */
export const DocumentRef = z.union([
  z.strictObject({ name: z.string().max(256) }),
  z.strictObject({ outside: z.string().max(64) }),
])
export type DocumentRef = z.infer<typeof DocumentRef>

const MAX_TEXT = 4 * 1024 * 1024
/** Characters of the lines of one call; the frame has room for more. */
const Lines = z.array(z.string().max(8 * MAX_TEXT)).max(4096)
const Key = z.string().min(1).max(400)
const Writer = z.number().int()
/** A window's own name, the same after it was loaded again. */
const Window = z.string().max(64)
const Shelf = z.enum(['runs', 'layouts'])

export const MenuItem = z.strictObject({
  id: z.string().max(100),
  title: z.string().max(200),
  /** As in the command table; only those with Mod, Alt or a function key. */
  keys: z.string().max(40).optional(),
  enabled: z.boolean(),
  checked: z.boolean().optional(),
})
export type MenuItem = z.infer<typeof MenuItem>
export const Menu = z.strictObject({ title: z.string().max(60), groups: z.array(z.array(MenuItem).max(60)).max(20) })
export type Menu = z.infer<typeof Menu>

export const documentCalls = {
  /** The person's own documents in the workspace; a name has its ending. */
  'document.list': {
    req: z.object({}),
    res: z.object({ documents: z.array(z.object({ name: z.string(), modified: z.number() })) }),
  },
  'document.read': {
    req: DocumentRef,
    res: z.object({
      name: z.string(),
      text: z.string(),
      /** Its folder, for a person; empty in the workspace. */
      where: z.string().default(''),
    }),
  },
  'document.write': {
    req: z.object({
      ref: DocumentRef,
      text: z.string().max(MAX_TEXT),
      /** Digest of the text that the file is thought to have, or null where there should be none. FILE_CHANGED otherwise. */
      expects: z.string().max(64).nullable().optional(),
    }),
    res: z.object({ modified: z.number() }),
  },
  /** The desktop's own file dialog (Electron only); null when the person changed their mind. */
  'document.openDialog': { req: z.object({}), res: z.object({ refs: z.array(DocumentRef) }).nullable() },
  'document.saveDialog': {
    req: z.object({ name: z.string().max(256) }),
    res: z.object({ ref: DocumentRef }).nullable(),
  },
  /** Files that the desktop wants to have open (argument, double click) and nobody has asked for yet. */
  'document.asked': { req: z.object({}), res: z.object({ refs: z.array(DocumentRef) }) },
  'document.recent': {
    req: z.object({}),
    res: z.object({
      recent: z.array(z.object({ ref: DocumentRef, title: z.string(), where: z.string() })),
    }),
  },

  'journal.list': {
    req: z.object({ window: Window }),
    res: z.object({
      /** `held`: another window that is still there writes it. */
      journals: z.array(z.object({ key: z.string(), modified: z.number(), held: z.boolean() })),
    }),
  },
  /** Makes the caller its writer; errors: WORKSPACE_BUSY where another host keeps journals here. */
  'journal.open': {
    req: z.object({ key: Key, window: Window }),
    res: z.object({ writer: Writer, lines: z.array(z.string()), torn: z.boolean() }),
  },
  /** Acknowledged when it is on the disk. */
  'journal.append': { req: z.object({ key: Key, writer: Writer, lines: Lines }), res: z.object({}) },
  'journal.reset': { req: z.object({ key: Key, writer: Writer, lines: Lines }), res: z.object({}) },
  'journal.drop': { req: z.object({ key: Key, writer: Writer }), res: z.object({}) },

  'shelf.list': { req: z.object({ shelf: Shelf }), res: z.object({ names: z.array(z.string()) }) },
  'shelf.read': { req: z.object({ shelf: Shelf, name: z.string().max(256) }), res: z.object({ value: z.json() }) },
  'shelf.write': {
    req: z.object({ shelf: Shelf, name: z.string().max(256), value: z.json() }),
    res: z.object({ modified: z.number() }),
  },

  /** The application menu of the desktop, made of the window's command table. Does nothing in a browser. */
  'menu.show': { req: z.object({ menus: z.array(Menu).max(12) }), res: z.object({}) },
} as const

export const documentEvents = {
  /** Something happened to a file: a document of the workspace or one that was opened outside it. */
  'document.changed': z.object({ ref: DocumentRef }),
  /** The desktop wants files opened: `document.asked` says which. */
  'document.wanted': z.object({}),
  /** The journal has another writer now; whoever had it is told so. */
  'journal.taken': z.object({ key: z.string(), writer: Writer }),
  /** An item of the desktop's menu was chosen. */
  'menu.chosen': z.object({ id: z.string() }),
} as const
