/** What is seen of the timeline as a PNG: lane names beside the canvas. */
import type { RunLane } from '../../preload/contract'
import { readPalette } from './palette'

export async function pictureOf(panel: HTMLElement, lanes: readonly RunLane[]): Promise<Blob | null> {
  const canvas = panel.querySelector<HTMLCanvasElement>('canvas.canvas')
  const stage = panel.querySelector<HTMLElement>('.stage')
  if (!canvas || !stage || canvas.width === 0) return null
  const palette = readPalette(stage)
  const ratio = canvas.width / Math.max(1, canvas.clientWidth)
  const HEAD = 140
  const sheet = document.createElement('canvas')
  sheet.width = canvas.width + HEAD * ratio
  sheet.height = canvas.height
  const ctx = sheet.getContext('2d')
  if (!ctx) return null
  ctx.fillStyle = palette.surface
  ctx.fillRect(0, 0, sheet.width, sheet.height)
  ctx.drawImage(canvas, HEAD * ratio, 0)
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0)
  ctx.font = palette.font
  ctx.textBaseline = 'middle'
  const roles = new Map(lanes.map((lane) => [lane.title, lane.role]))
  const top = canvas.getBoundingClientRect().top
  for (const head of panel.querySelectorAll<HTMLElement>('.heads li:not(.sizer)')) {
    const box = head.getBoundingClientRect()
    const title = head.textContent?.trim() ?? ''
    ctx.fillStyle = palette.lane[roles.get(title) ?? 'other']
    ctx.fillRect(0, box.top - top, 3, box.height)
    ctx.fillStyle = palette.text
    ctx.fillText(title, 10, box.top - top + box.height / 2, HEAD - 14)
  }
  return new Promise((done) => sheet.toBlob(done, 'image/png'))
}
