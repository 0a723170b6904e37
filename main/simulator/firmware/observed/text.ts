/**
 * Pasted text → what the kernel was seen to do. One pass over the lines with a little memory: which group, unit, device or
 * file the lines at hand belong to. Layouts: shell loops over sysfs, find, ls -l, readlink, boot logs of any age, lspci's own
 * lines, grep and cat of reserved_regions and type.
 */
import { err, fault, ok, type Result } from '../../faults'
import { isEmpty, type Observations } from '../../platform/observations'
import { headerOf } from '../lspci/header'
import { unfolded } from '../lspci/vertical'
import { pastedLines, type PastedLine } from '../pasted'
import { Collected, devicePlace, fullName, groupPlace, isDomainType, regionOf } from './collect'

/** Fault: OBSERVED_EMPTY. */
export function parseObservations(text: string): Result<Observations> {
  const seen = observedIn(pastedLines(text))
  if (!isEmpty(seen)) return ok(seen)
  return err(
    fault('OBSERVED_EMPTY', 'nothing about IOMMU groups in it', {
      hint: 'paste what `find /sys/kernel/iommu_groups -type l` prints, or the boot log',
    }),
  )
}

export function observedIn(lines: readonly PastedLine[]): Observations {
  const reader = new Reader()
  for (const line of rejoined(unfolded(lines))) reader.read(line)
  return reader.seen.result()
}

const ADDRESS = String.raw`(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[01][0-9a-f]\.[0-7]`
const DEVICE_PATH = new RegExp(String.raw`iommu_groups/(\d{1,7})/devices/([\w:.,@+-]+)`, 'g')
const LINK_OF_DEVICE = new RegExp(`(${ADDRESS})/iommu_group\\b.*(?:->|:|\\s)\\s*\\S*iommu_groups/(\\d{1,7})`, 'i')
const LISTED_LINK = /(?:^|\s)([\w:.,@+-]+) -> (\S+)/
const GROUP_FILE = /iommu_groups\/(\d{1,7})\/(reserved_regions|type|devices)\b:?(.*)$/
const DEVICE_FILE = new RegExp(`(${ADDRESS})/iommu_group(?:/(reserved_regions|type))?\\b:?(.*)$`, 'i')
const GROUP_PATH = /^\S*\/iommu_groups\/(\d{1,7})\/?$/
const ADDED = /(\S+): Adding to iommu group (\d{1,7})/
const ADDED_OLD = /iommu: Adding device (\S+) to group (\d{1,7})/
const REMOVED = /(\S+): Removing from iommu group (\d{1,7})/
const REMOVED_OLD = /iommu: Removing device (\S+) from group (\d{1,7})/
const HEADING = /^[\s*#-]*(?:IOMMU[\s_-]*)?Group:?\s*#?(\d{1,7})\s*:?[\s*:]*(.*)$/i
const UNIT_HEADING = /^\s*IOMMU(?: unit)?:?\s+((?:dmar|ivhd)\d+|smmu\S*)\s*$/i
const MEMBER = new RegExp(
  `^[\\s*•·|+-]*(?:\\(\\d+\\)\\s*)?(?:Group Device:\\s*)?(?:\\[R\\]\\s*)?(?:\\[[0-9a-f]{4}:[0-9a-f]{4}\\]\\s*)?(?:\\[R\\]\\s*)?(${ADDRESS})(?=\\s|$|:? )`,
  'i',
)
const TIME = /^\s*(?:<\d+>)?\[\s*(\d{1,9})\.\d+\]/

class Reader {
  readonly seen = new Collected()
  /** The listing that we are in, and how far its heading and its members are indented. */
  private listing: { id: number; heading: number; member: number | undefined } | undefined
  private unit: string | undefined
  /** The folder that `ls -l` lists. */
  private folder: number | undefined
  /** Whose reserved regions follow. */
  private place = ''
  /** The group whose type follows, by its id or by a device. */
  private typeOf: number | string | undefined
  /** The device whose link `readlink` prints next. */
  private linked: string | undefined
  /** The function whose lines of lspci these are, and whether its `Flags:` line goes on. */
  private lspci: string | undefined
  private flags = false
  private clock = -1

  read(line: string): void {
    if (line.trim() === '') return this.blank()
    if (/^-(?=[a-z])/.test(line) && /iommu group \d/.test(line)) return // the old side of a difference
    if (this.log(line) || this.regions(line) || this.paths(line)) return
    if (this.heading(line)) return
    this.member(line)
  }

  private blank(): void {
    this.folder = undefined
    const { listing } = this
    if (listing && listing.member !== undefined && listing.member <= listing.heading) this.listing = undefined
  }

  private log(line: string): boolean {
    const added = ADDED.exec(line) ?? ADDED_OLD.exec(line)
    const removed = added ? null : (REMOVED.exec(line) ?? REMOVED_OLD.exec(line))
    const domain = /iommu: Default domain type: (\w+)/.exec(line)?.[1]
    if (domain !== undefined) this.seen.defaultDomain = domain
    if (!added && !removed) return domain !== undefined
    const time = TIME.exec(line)?.[1]
    if (time !== undefined) {
      if (Number(time) < this.clock && this.seen.hasDevices()) {
        this.seen.startAgain()
        this.seen.warn('OBSERVED_SEVERAL_BOOTS', 'the log has several boots; the last one counts')
      }
      this.clock = Number(time)
    }
    if (added?.[1] !== undefined) this.seen.add(Number(added[2]), added[1])
    else if (removed?.[1] !== undefined) this.seen.remove(removed[1])
    return true
  }

  private regions(line: string): boolean {
    const region = regionOf(line)
    if (!region) return false
    const file = GROUP_FILE.exec(line)
    const device = file ? null : DEVICE_FILE.exec(line)
    if (file?.[2] === 'reserved_regions') this.place = groupPlace(Number(file[1]))
    else if (device?.[1] !== undefined && device[2] === 'reserved_regions') this.place = devicePlace(device[1])
    this.seen.region(this.place, region)
    return true
  }

  private paths(line: string): boolean {
    const plain = line.replaceAll('\\', '')
    const found = [...plain.matchAll(DEVICE_PATH)]
    for (const [, id = '', device = ''] of found) this.seen.add(Number(id), device)
    if (found.length > 0) return true
    const link = LINK_OF_DEVICE.exec(plain)
    if (link?.[1] !== undefined) return this.found(Number(link[2]), link[1])
    const listed = LISTED_LINK.exec(plain)
    if (listed?.[1] !== undefined && listed[2] !== undefined) {
      const target = /iommu_groups\/(\d{1,7})\/?$/.exec(listed[2])?.[1]
      if (target !== undefined && listed[1] !== 'iommu_group') return this.found(Number(target), listed[1])
      if (this.folder !== undefined && /devices\//.test(listed[2])) return this.found(this.folder, listed[1])
    }
    const file = GROUP_FILE.exec(plain)
    if (file) return this.openFile(Number(file[1]), file[2] ?? '', file[3] ?? '')
    const device = DEVICE_FILE.exec(plain)
    if (device?.[1] !== undefined) {
      this.place = device[2] === 'reserved_regions' ? devicePlace(device[1]) : this.place
      this.typeOf = device[2] === 'type' ? fullName(device[1]) : undefined
      this.linked = device[2] === undefined ? device[1] : undefined
      return true
    }
    const path = GROUP_PATH.exec(plain.trim())
    if (path && this.linked !== undefined) {
      this.found(Number(path[1]), this.linked)
      this.linked = undefined
      return true
    }
    const word = plain.trim()
    if (this.typeOf !== undefined && isDomainType(word)) {
      const id = typeof this.typeOf === 'number' ? this.typeOf : this.seen.groupOfDevice(this.typeOf)
      if (id !== undefined) this.seen.type(id, word)
      this.typeOf = undefined
      return true
    }
    return false
  }

  private found(id: number, device: string): true {
    this.seen.add(id, device)
    return true
  }

  private openFile(id: number, file: string, rest: string): true {
    if (file === 'reserved_regions') this.place = groupPlace(id)
    if (file === 'devices') this.folder = id
    this.typeOf = undefined
    if (file === 'type') {
      const word = rest.trim()
      if (isDomainType(word)) this.seen.type(id, word)
      else this.typeOf = id
    }
    return true
  }

  /** `IOMMU Group 7:` above its members, or before the only one; lspci's own line of that kind belongs to its function. */
  private heading(line: string): boolean {
    const unit = UNIT_HEADING.exec(line)?.[1]
    if (unit !== undefined) {
      this.unit = unit
      this.listing = undefined
      return true
    }
    if (this.lspci !== undefined && /^\s*(?:IOMMU group: \d+$|Flags: .*IOMMU group \d+)/.test(line))
      return this.found(Number(/IOMMU group:? (\d{1,7})/.exec(line)?.[1]), this.lspci)
    const flagged = this.flags && this.lspci !== undefined ? /^\s*IOMMU group (\d{1,7})$/.exec(line)?.[1] : undefined
    this.flags = /^\s*Flags: .*,$/.test(line)
    if (flagged !== undefined && this.lspci !== undefined) return this.found(Number(flagged), this.lspci)
    const heading = HEADING.exec(line)
    if (!heading || /^\s*(?:Group Device|group \d+ [a-z]+ing)/i.test(line)) return false
    const rest = heading[2] ?? ''
    const device = rest === '' ? undefined : MEMBER.exec(rest)?.[1]
    if (rest !== '' && device === undefined) return false // prose
    const id = Number(heading[1])
    this.lspci = undefined
    this.listing = { id, heading: indent(line), member: undefined }
    this.seen.group(id)
    if (device !== undefined) this.join(id, device)
    return true
  }

  private join(id: number, device: string): void {
    this.seen.add(id, device)
    if (this.unit !== undefined) this.seen.serves(this.unit, device)
  }

  private member(line: string): void {
    const device = MEMBER.exec(line)?.[1]
    if (device === undefined) return
    const { listing } = this
    const inside = listing && (listing.member === undefined || indent(line) >= listing.member)
    if (inside) {
      listing.member ??= indent(line)
      this.join(listing.id, device)
      return
    }
    this.listing = undefined
    if (headerOf(line)) this.lspci = device
  }
}

const indent = (line: string): number => line.length - line.trimStart().length

/** Mail software breaks long lines of a log between the device and what happened to it. */
function* rejoined(lines: readonly PastedLine[]): Generator<string> {
  for (let i = 0; i < lines.length; i++) {
    const text = lines[i]?.text ?? ''
    const next = lines[i + 1]?.text ?? ''
    if (/\S:$/.test(text) && /^\s*(?:Adding to|Removing from) iommu group \d/.test(next)) {
      yield `${text} ${next.trim()}`
      i++
    } else if (/(?:Adding to|Removing from)(?: iommu)?$/.test(text) && /^\s*(?:iommu )?group \d/.test(next)) {
      yield `${text} ${next.trim()}`
      i++
    } else yield text
  }
}
