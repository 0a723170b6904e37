import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Files, linkTarget, normalisePath, type FileTree, type TreeEntry } from './tree'

const file = (text: string): TreeEntry => ({ kind: 'file', bytes: new TextEncoder().encode(text) })
const link = (target: string): TreeEntry => ({ kind: 'link', target })
const tree = (entries: Record<string, TreeEntry>): FileTree => new Map(Object.entries(entries))

describe('paths', () => {
  test('are brought to one form', () => {
    expect(normalisePath('./a//b/./c/')).toBe('a/b/c')
    expect(normalisePath('sys/devices/pci0000:00/0000:00:02.0')).toBe('sys/devices/pci0000:00/0000:00:02.0')
    expect(normalisePath('a/../b')).toBe('b')
  })

  test('that leave the tree have no form', () => {
    for (const path of ['/etc/passwd', '..', 'a/../../b', 'a\0b']) expect(normalisePath(path)).toBeUndefined()
  })

  test('never have one with dots or an empty part in it, whatever they are made of', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('.', '..', '', 'a', 'b:c'), { maxLength: 8 }), (parts) => {
        const normal = normalisePath(parts.join('/'))
        if (normal === undefined || normal === '') return
        expect(normal.split('/').every((part) => part !== '.' && part !== '..' && part !== '')).toBe(true)
      }),
    )
  })

  test('of links are taken from the folder the link is in', () => {
    expect(linkTarget('sys/bus/pci/devices/0000:00:01.0', '../../../devices/x')).toBe('sys/devices/x')
    expect(linkTarget('a/b', '../../c')).toBeUndefined()
    expect(linkTarget('a/b', '/c')).toBeUndefined()
  })
})

describe('a view of a tree', () => {
  test('follows links, links in the middle of a path, and links to links', () => {
    const files = new Files(
      tree({
        'real/folder/name': file('value\n'),
        one: link('two'),
        two: link('real'),
        'sub/up': link('../real/folder'),
      }),
    )
    expect(files.text('one/folder/name')).toBe('value')
    expect(files.text('sub/up/name')).toBe('value')
    expect(files.list('one/folder')).toEqual(['name'])
    expect(files.real('one/folder')).toBe('real/folder')
  })

  test('gives up on links in a circle and on links that lead nowhere', () => {
    const files = new Files(tree({ a: link('b'), b: link('a'), c: link('c/d'), e: link('nowhere') }))
    for (const path of ['a', 'b', 'c', 'e', 'a/x']) expect(files.text(path)).toBeUndefined()
  })

  test('does not follow a link out of its folder', () => {
    const files = new Files(tree({ secret: file('x'), 'capture/leak': link('../secret') }), 'capture')
    expect(files.text('leak')).toBeUndefined()
  })

  test('tells the name in a link without following it', () => {
    const files = new Files(tree({ 'dev/driver': link('../bus/drivers/e1000e') }))
    expect(files.linkName('dev/driver')).toBe('e1000e')
  })

  test('lists folders in an order that does not depend on how the tree was made', () => {
    const names = ['b', 'a', 'C', '0000:00:1f.0', '0000:00:02.0']
    const forward = new Files(tree(Object.fromEntries(names.map((name) => [`d/${name}`, file('')]))))
    const backward = new Files(tree(Object.fromEntries(names.toReversed().map((name) => [`d/${name}`, file('')]))))
    expect(forward.list('d')).toEqual(backward.list('d'))
    expect([...forward.folders('')]).toEqual([...backward.folders('')])
  })
})
