import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { Platform } from '../../preload/contract'
import { platformGraph } from '../model/topology'
import { diagramSvg, type Diagram } from './diagram'
import { tidy } from './tidy'

const platform = Platform.parse(
  parse(readFileSync(join(import.meta.dirname, '../../resources/platforms/spr-dsa.yaml'), 'utf8')),
)
const graph = platformGraph(platform)
const groups = new Map(platform.functions.map((f, i) => [f.bdf, i + 1]))
const of = (more: Partial<Diagram> = {}): Diagram => ({
  title: platform.name,
  graph,
  places: tidy(graph, groups),
  segments: 1,
  groups,
  words: platform.functions.map(() => 'DMA-FQ'),
  planned: new Set(),
  ...more,
})
const colour = (token: string): string => `var-${token}`

describe('the topology as a picture', () => {
  it('has every card, line and hull, and stands alone', () => {
    const { svg } = diagramSvg(of(), colour)
    expect(svg.match(/<g><title>/g)).toHaveLength(graph.nodes.length)
    expect(svg.match(/<path /g)).toHaveLength(graph.edges.length)
    for (const number of groups.values()) expect(svg).toContain(`G${number} DMA-FQ`)
    expect(svg).toMatch(/^<svg xmlns=/)
    expect(svg).not.toMatch(/var\(|href|url\(|<style|<script/)
  })

  it('holds all of them within its size', () => {
    const { svg, width, height } = diagramSvg(of(), colour)
    const [, dx = 0, dy = 0] = (/translate\((\S+) (\S+)\)/.exec(svg) ?? []).map(Number)
    for (const [, x, y, w, h] of svg
      .split('<g transform')[1]!
      .matchAll(/<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"/g)) {
      expect(Number(x) + dx).toBeGreaterThanOrEqual(0)
      expect(Number(y) + dy).toBeGreaterThanOrEqual(0)
      expect(Number(x) + dx + Number(w)).toBeLessThanOrEqual(width)
      expect(Number(y) + dy + Number(h)).toBeLessThanOrEqual(height)
    }
  })

  it('takes nothing of a file for markup', () => {
    expect(diagramSvg(of({ title: '<script>alert(1)</script>' }), colour).svg).toContain('&lt;script&gt;')
  })
})
