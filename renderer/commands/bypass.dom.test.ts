import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { NodeTypes, type ElementNode, type TemplateChildNode } from '@vue/compiler-dom'
import { beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'
import { freshWorkbench } from '../testing/setup'
import { commands } from './table'

/** What a person does to something; values of fields, pointers that only look, and components' own events are no actions. */
const DEEDS = new Set([
  'click',
  'dblclick',
  'submit',
  'select',
  'open',
  'close',
  'mousedown',
  'contextmenu',
  'auxclick',
  'keydown',
  'drop',
  'link',
])

/**
 * Handlers that are no action of the workbench: they fold, select, move the view or the focus inside one panel, or belong
 * to a dialog that is itself asked by a command. One that does more belongs into the table.
 */
const LOCAL: Readonly<Record<string, readonly string[]>> = {
  'history/HistoryPanel.vue': ['move(1)', 'move(-1)'],
  'lanes/LanesPanel.vue': ['keys', 'lanes.selected = placeKey(list, item)'],
  'plan/CheckNote.vue': ['open = !open'],
  'plan/TypeWrites.vue': ['chosen = chosen === key(answerTo(write, unbound)!) ? null : key(answerTo(write, unbound)!)'],
  'plan/PlanDevice.vue': ['open = !open'],
  'plan/FoldButton.vue': ['open = !open'],
  'plan/PlanBar.vue': ['take'],
  'plan/GuestField.vue': ['take'],
  'plan/VirtualFunctions.vue': ['take'],
  'plan/PlanPanel.vue': [],
  'widgets/PageTurner.vue': ['pages.turn(pages.page.value - 1)', 'pages.turn(pages.page.value + 1)'],
  'explorer/ExploreBar.vue': ['unfolded = !unfolded'],
  'explain/HopItem.vue': ['open = !open'],
  'programming/ProgrammingPanel.vue': ['reserved = !reserved', 'keys'],
  'shell/CommandPalette.vue': ['choose(entry)', 'chooseFirst'],
  'shell/GroupActions.vue': ['toggle'],
  'shell/PromptDialog.vue': ['confirm', 'close(false)'],
  'topology/TopologyPanel.vue': [
    'pick',
    'canvas?.zoomOut()',
    'canvas?.zoomIn()',
    'canvas?.fit()',
    'selected = $event',
    'selected = null',
    'link',
    'drop',
  ],
  'topology/GraphCanvas.vue': ['keySelect'],
}
/** What changes a document in the stores. */
const CHANGES =
  /\b(board\.edit|lanes\.(move|moveBy|order|unorder|orderHere|enforce)|documents\.(change|changeText|edit))\b\(/
/** Rooms that are looked at elsewhere: the timeline's own views and gestures. */
const ELSEWHERE = ['timeline/', 'testing/']

const root = resolve(import.meta.dirname, '..')
const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.vue') && !ELSEWHERE.some((room) => file.startsWith(room)))
  .sort()

interface Handler {
  readonly file: string
  readonly line: number
  readonly event: string
  readonly code: string
}

const handlersOf = (file: string): Handler[] => handlersIn(file, readFileSync(join(root, file), 'utf8'))

function handlersIn(file: string, source: string): Handler[] {
  const { descriptor } = parse(source)
  const found: Handler[] = []
  const walk = (node: ElementNode | TemplateChildNode): void => {
    if (node.type !== NodeTypes.ELEMENT) return
    for (const prop of node.props) {
      if (prop.type !== NodeTypes.DIRECTIVE || prop.name !== 'on' || prop.arg?.type !== NodeTypes.SIMPLE_EXPRESSION)
        continue
      const code = prop.exp?.loc.source.trim().replace(/\s+/g, ' ') ?? ''
      if (DEEDS.has(prop.arg.content) && code !== '')
        found.push({ file, line: prop.loc.start.line, event: prop.arg.content, code })
    }
    node.children.forEach(walk)
  }
  descriptor.template?.ast?.children.forEach(walk)
  return found
}

/** One call, or one of two by a condition. */
const isCommand = (code: string): boolean =>
  code
    .replace(/^[^?]+ \? /, '')
    .split(' : ')
    .every((call) => call.startsWith('runCommand(') && call.endsWith(')') && !/\)\s*[;,]|&&|\|\|/.test(call))
const isPassedOn = (code: string): boolean => /^\$emit\('\w+'(, [^;]+)?\)$/.test(code)
const outsideOf = (handlers: readonly Handler[]): string[] =>
  handlers
    .filter(({ file, code }) => !isCommand(code) && !isPassedOn(code) && !(LOCAL[file] ?? []).includes(code))
    .map(({ file, line, event, code }) => `${file}:${line} @${event}="${code}"`)

beforeEach(() => void freshWorkbench())

describe('every action of the window', () => {
  it('is an entry of the command table', () => {
    const outside = outsideOf(files.flatMap(handlersOf))
    expect(outside).toEqual([])
  })

  it('that is listed as none is still there', () => {
    const there = new Set(files.flatMap(handlersOf).map(({ file, code }) => `${file} ${code}`))
    const gone = Object.entries(LOCAL).flatMap(([file, codes]) =>
      codes.map((c) => `${file} ${c}`).filter((c) => !there.has(c)),
    )
    expect(gone).toEqual([])
  })

  it('changes a document through the table alone, by hand as by key', () => {
    const around = files.flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, i) => (CHANGES.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
    )
    expect(around).toEqual([])
  })

  it('names a command that exists', () => {
    const ids = new Set(commands().map((c) => c.id))
    const named = files.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      return [...text.matchAll(/runCommand\(\s*'([^']+)'|<CommandButton[^>]*?\scommand="([^"]+)"/gs)].map(
        ([, a, b]) => `${file} ${a ?? b}`,
      )
    })
    expect(named.filter((n) => !ids.has(n.split(' ')[1] ?? ''))).toEqual([])
    expect(named.length).toBeGreaterThan(40)
  })

  it('would be noticed where it is none', () => {
    const page = (handler: string): string => `<template><div><b v-for="x in y" @click="${handler}" /></div></template>`
    for (const handler of [
      'documents.close(key)',
      'save',
      "runCommand('file.save'); more()",
      "x && runCommand('file.save') && y()",
    ])
      expect(outsideOf(handlersIn('x.vue', page(handler)))).toHaveLength(1)
    for (const handler of ["runCommand('file.save')", "a.b ? runCommand('x', f(a)) : runCommand('y')", "$emit('open')"])
      expect(outsideOf(handlersIn('x.vue', page(handler)))).toEqual([])
  })
})
