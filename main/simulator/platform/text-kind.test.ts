import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isPlatformText } from './schema'

const resource = (path: string): string => readFileSync(join(import.meta.dirname, '../../../resources', path), 'utf8')

describe('a YAML file from outside', () => {
  it('is a platform where that is its own first word, as YAML or as JSON', () => {
    expect(isPlatformText(resource('platforms/spr-dsa.yaml'))).toBe(true)
    expect(isPlatformText('{"doorbellPlatform": 1, "name": "large"}')).toBe(true)
    expect(isPlatformText('\n{\n  "doorbellPlatform": 1\n}\n')).toBe(true)
  })

  it('is no platform where a scenario has one inside, or where it says nothing of the kind', () => {
    expect(isPlatformText(resource('scenarios/2021-ims/idxd-vsvm-late.yaml'))).toBe(false)
    expect(isPlatformText('doorbell: 1\nplatform:\n  doorbellPlatform: 1\n  name: inline\n')).toBe(false)
    expect(isPlatformText('platform:\n  doorbellPlatform: 1\ndoorbell: 1\n')).toBe(false)
    expect(isPlatformText('a: 1\n')).toBe(false)
  })
})
