/**
 * The host is killed (SIGKILL) at random moments while one edits, saves, undoes; then it is started again on the same
 * workspace. No saved file may be lost or half written, and less than a second of edits may be missing.
 *
 *     npm run crash                     200 kills
 *     DOORBELL_CRASH_KILLS=… DOORBELL_CRASH_SEED=…
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as later } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { calls, events } from '../../preload/contract'
import { advance, diffOf, opened, type DocumentState, type JournalEvent, type Records } from '../../preload/records'
import { asWireError, createClient, socketCarrier, SOCKET_PATH, type HostClient } from '../../preload/wire'
import type { Host } from '../../renderer/bridge/host'
import { journalWriter, type JournalWriter } from '../../renderer/model/journal-writer'

const KILLS = Number(process.env['DOORBELL_CRASH_KILLS'] ?? 4)
const SEED = Number(process.env['DOORBELL_CRASH_SEED'] ?? 20210607)
const DOCUMENTS = ['one.yaml', 'two.yaml']
/** Milliseconds of edits that may be missing. */
const MAY_LOSE = 1000

const root = resolve(import.meta.dirname, '../..')
let home: string
let host: ChildProcess | undefined
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'doorbell-crash-'))
})
afterAll(() => {
  host?.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true, maxRetries: 5 })
})

/** mulberry32 */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

async function start(): Promise<{ client: HostClient; socket: WebSocket }> {
  const child = spawn(process.execPath, ['out/main/cli.js', 'serve', '--json', '--no-open'], {
    cwd: root,
    env: { ...process.env, DOORBELL_HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  host = child
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url } = JSON.parse(line) as { url: string }
  const answer = await fetch(url, { redirect: 'manual' })
  const [cookie = ''] = (answer.headers.get('set-cookie') ?? '').split(';')
  const { origin, port } = new URL(url)
  const socket = new WebSocket(`ws://127.0.0.1:${port}${SOCKET_PATH}`, { headers: { Cookie: cookie, Origin: origin } })
  socket.on('error', () => undefined)
  return { socket, client: createClient(calls, events)(socketCarrier(socket), { log: () => undefined }) }
}

/** A window's part of one document: its state, its journal, and everything that was ever true of it. */
interface Editing {
  readonly name: string
  state: DocumentState
  readonly journal: JournalWriter
  /** Texts after each event, with the time. */
  readonly texts: { text: string; at: number }[]
  /** Texts that were on their way into the file, and the last of which it was said that it is there. */
  readonly sent: string[]
  acknowledged: string | null
  saving: boolean
}

const textOf = (records: Records | null): string => {
  const text = records?.get('text')
  return typeof text === 'string' ? text : ''
}

async function open(client: HostClient, name: string, before: Editing | undefined, killed: number): Promise<Editing> {
  const call = async (what: string, request: unknown) => {
    try {
      return { ok: true, value: await (client.call as (n: string, r: unknown) => Promise<unknown>)(what, request) }
    } catch (reason) {
      return { ok: false, error: asWireError(reason) }
    }
  }
  const answer = await call('document.read', { name })
  const file = answer.ok ? (answer.value as { text: string }).text : null
  const here: { editing?: Editing } = {}
  const fresh = opened(new Map([['text', file ?? '']]), file === null ? null : new Map([['text', file]]))
  const journal = journalWriter(
    { host: { call } as unknown as Pick<Host, 'call'>, window: 'crash', failed: () => undefined },
    `file:${name}`,
    () => here.editing?.state ?? fresh,
  )
  const { state } = await journal.open()
  if (before) judge(before, file, state, killed)
  const now = state ?? fresh
  const editing: Editing = {
    name,
    state: now,
    journal,
    texts: [{ text: textOf(now.records), at: 0 }],
    sent: [],
    acknowledged: file,
    saving: false,
  }
  here.editing = editing
  return editing
}

/** What was found after the kill against what was known before it. */
function judge(before: Editing, file: string | null, state: DocumentState | null, killed: number): void {
  const from = before.acknowledged === null ? -1 : before.sent.lastIndexOf(before.acknowledged)
  const possible = [before.acknowledged, ...before.sent.slice(from + 1)]
  expect(possible, `${before.name}: the saved file is whole, and not older than what was said to be saved`).toContain(
    file,
  )
  const [first] = before.texts
  const text = state ? textOf(state.records) : (first?.text ?? '')
  const at = before.texts.findLastIndex((t) => t.text === text)
  expect(at, `${before.name}: the text after the crash is one that there was`).toBeGreaterThanOrEqual(0)
  const missing = before.texts[at + 1]
  const lost = missing ? killed - missing.at : 0
  worst = Math.max(worst, lost)
  expect(lost, `${before.name}: milliseconds of edits that are missing`).toBeLessThan(MAY_LOSE)
}
let worst = 0

function happen(e: Editing, event: JournalEvent): void {
  const next = advance(e.state, event)
  if (!next) return
  e.state = next
  e.texts.push({ text: textOf(next.records), at: performance.now() })
  e.journal.note(event)
}

/** One thing that a person does. */
function act(e: Editing, client: HostClient, next: () => number): void {
  const dice = next()
  if (dice < 0.08) return happen(e, { t: 'undo' })
  if (dice < 0.12) return happen(e, { t: 'redo' })
  if (dice < 0.25) return void save(e, client)
  const text = textOf(e.state.records)
  const at = Math.floor(next() * (text.length + 1))
  const cut = next() < 0.3 ? Math.floor(next() * 40) : 0
  const put = next() < 0.02 ? 'x'.repeat(20_000) : ` # ${Math.floor(next() * 1e9).toString(36)}\n`
  const to = new Map([['text', (text.slice(0, at) + put + text.slice(at + cut)).slice(-400_000)]])
  const step = { mark: 'edit', diff: diffOf(e.state.records, to), at: 0 }
  happen(e, next() < 0.3 ? { t: 'step', step, merge: true } : { t: 'step', step })
}

async function save(e: Editing, client: HostClient): Promise<void> {
  if (e.saving) return
  e.saving = true
  const text = textOf(e.state.records)
  e.sent.push(text)
  try {
    await client.call('document.write', { ref: { name: e.name }, text })
    e.acknowledged = text
    happen(e, { t: 'saved', diff: diffOf(e.state.records, new Map([['text', text]])) })
  } catch {
    // The host is dead.
  }
  e.saving = false
}

it(
  `${KILLS} kills at random moments lose no saved file, and less than a second of edits`,
  async () => {
    const next = random(SEED)
    let known: Editing[] = []
    let killed = 0
    for (let kill = 0; kill <= KILLS; kill++) {
      const { client, socket } = await start()
      const editing: Editing[] = []
      for (const [i, name] of DOCUMENTS.entries()) editing.push(await open(client, name, known[i], killed))
      if (kill === KILLS) break
      const end = performance.now() + 40 + next() * 760
      while (performance.now() < end) {
        const one = editing[Math.floor(next() * editing.length)]
        if (one) act(one, client, next)
        await later(next() * 12)
      }
      const dead = host && once(host, 'exit')
      killed = performance.now()
      host?.kill('SIGKILL')
      // The window dies with it: what it had not sent is gone.
      known = editing.map((e) => ({ ...e, texts: [...e.texts], sent: [...e.sent] }))
      socket.terminate()
      await dead
    }
    console.log(`crash test: ${KILLS} kills with seed ${SEED}; at most ${worst.toFixed(0)} ms of edits were missing`)
  },
  KILLS * 20_000 + 60_000,
)
