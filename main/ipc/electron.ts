/** Electron's transport: one connection per page, opened by its preload script, taken only from our own pages. */
import type { IpcMain, IpcMainEvent, WebContents } from 'electron'
import { CHANNEL } from '../../preload/channels'
import type { Events, Receiver, Server } from '../../preload/wire'

interface Page {
  readonly session: string
  readonly receiver: () => Receiver | undefined
  close(why: string): void
}

/** `isOurs` judges the address of the frame that sent a message. */
export function serveElectron<E extends Events>(
  ipcMain: Pick<IpcMain, 'on'>,
  server: Server<E>,
  isOurs: (url: string) => boolean,
): void {
  const pages = new Map<number, Page>()
  const known = new WeakSet<WebContents>()

  /** Only the top frame of a page of ours may speak; anything else is dropped with a line in the log. */
  const accept = (event: IpcMainEvent): boolean => {
    const frame = event.senderFrame
    if (frame && frame.parent === null && isOurs(frame.url)) return true
    console.error(`doorbell: message refused from ${frame?.url ?? 'a frame that is gone'}`)
    return false
  }

  function open(sender: WebContents, session: string): void {
    pages.get(sender.id)?.close('the page was loaded again')
    let receiver: Receiver | undefined
    const page: Page = {
      session,
      receiver: () => receiver,
      close(why) {
        if (pages.get(sender.id) !== page) return
        pages.delete(sender.id)
        receiver?.closed(why)
      },
    }
    pages.set(sender.id, page)
    server.connect({
      send(message) {
        if (pages.get(sender.id) === page && !sender.isDestroyed()) sender.send(CHANNEL.toPage, session, message)
      },
      start: (next) => void (receiver = next),
      close: () => page.close('closed by the host'),
    })
    if (known.has(sender)) return
    known.add(sender)
    sender.on('destroyed', () => pages.get(sender.id)?.close('the window was closed'))
    sender.on('render-process-gone', () => pages.get(sender.id)?.close('the page crashed'))
  }

  ipcMain.on(CHANNEL.open, (event, session: unknown) => {
    if (typeof session === 'string' && session.length <= 64 && accept(event)) open(event.sender, session)
  })
  ipcMain.on(CHANNEL.toHost, (event, session: unknown, message: unknown) => {
    const page = pages.get(event.sender.id)
    if (page && page.session === session && accept(event)) page.receiver()?.message(message)
  })
}
