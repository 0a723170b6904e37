import { describe, expect, test } from 'vitest'
import { parsePlatform } from './file'

const GOOD = `doorbellPlatform: 1
name: two functions
arch: x86
source: by hand
roots:
  - { id: "pci0000:00", segment: 0, bus: 0 }
functions:
  - { bdf: "0000:00:01.0", parent: "pci0000:00", vendor: 0x8086, device: 0x0b25, class: 0x088000, headerType: 0 }
  - { bdf: "0000:00:02.0", parent: "pci0000:00", vendor: 0x8086, device: 0x0b25, class: 0x088000, headerType: 0 }
iommus:
  - { name: dmar0, kind: vt-d, serves: ["0000:00:01.0"], source: by hand }
msiControllers: []
`
const broken = (from: string, to: string) => {
  const parsed = parsePlatform(GOOD.replace(from, to), 'board.yaml')
  return parsed.ok ? 'parsed' : parsed.error
}

describe('a platform file', () => {
  test('is YAML with comments and hex numbers, or JSON', () => {
    const yaml = parsePlatform(`# my board\n${GOOD}`, 'board.yaml')
    if (!yaml.ok) throw new Error(yaml.error.message)
    expect(yaml.value.functions[0]?.vendor).toBe(0x8086)
    expect(parsePlatform(JSON.stringify(yaml.value), 'board.json')).toEqual(yaml)
  })

  test('that is no YAML is refused where it breaks', () => {
    expect(broken('arch: x86', 'arch: [x86')).toMatchObject({ code: 'PLATFORM_INVALID', file: 'board.yaml' })
    expect(broken('name: two functions', 'name: a\nname: b')).toMatchObject({ code: 'PLATFORM_INVALID', line: 3 })
  })

  test('with a value of the wrong kind is refused at its line', () => {
    expect(broken('arch: x86', 'arch: mips')).toMatchObject({ code: 'PLATFORM_INVALID', line: 3, column: 7 })
    expect(broken('doorbellPlatform: 1', 'doorbellPlatform: 2')).toMatchObject({ code: 'PLATFORM_INVALID', line: 1 })
    expect(broken('headerType: 0 }', 'headerType: 7 }')).toMatchObject({ code: 'PLATFORM_INVALID', line: 8 })
    expect(broken('kind: vt-d, ', '')).toMatchObject({ code: 'PLATFORM_INVALID', line: 11 })
  })

  test('that speaks of a function it does not have is refused at the word', () => {
    expect(broken('serves: ["0000:00:01.0"]', 'serves: ["0000:00:03.0"]')).toMatchObject({
      code: 'PLATFORM_INVALID',
      line: 11,
      message: 'board.yaml: iommus.0.serves.0: there is no function 0000:00:03.0: did you mean 0000:00:01.0?',
    })
  })

  test('with a function twice, or below what is no bridge, or below nothing, is refused', () => {
    expect(broken('"0000:00:02.0"', '"0000:00:01.0"')).toMatchObject({ line: 9 })
    expect(broken('02.0", parent: "pci0000:00"', '02.0", parent: "0000:00:01.0"')).toMatchObject({ line: 9 })
    expect(broken('02.0", parent: "pci0000:00"', '02.0", parent: "0000:99:01.0"')).toMatchObject({ line: 9 })
  })

  test('whose aliases multiply is refused, not expanded', () => {
    const bomb = `${GOOD}x0: &x0 [${'a,'.repeat(20)}]\n${Array.from({ length: 9 }, (_, i) => `x${i + 1}: &x${i + 1} [${`*x${i},`.repeat(20)}]`).join('\n')}\n`
    const parsed = parsePlatform(bomb, 'board.yaml')
    expect(parsed.ok ? 'parsed' : parsed.error.code).toBe('PLATFORM_INVALID')
  })

  test('that is empty, a list or a word is refused', () => {
    for (const text of ['', '- 1', 'hello']) {
      const parsed = parsePlatform(text, 'board.yaml')
      expect(parsed.ok ? 'parsed' : parsed.error.code).toBe('PLATFORM_INVALID')
    }
  })
})
