/** Flattened device tree → nodes and properties (Devicetree Specification 0.4, chapter 5). Big-endian throughout. */
import { err, fault, ok, type Fault, type Result } from '../../faults'

export interface DtNode {
  /** With unit address: `smmuv3@9050000`. */
  readonly name: string
  /** `/soc/smmuv3@9050000`; the root is `/`. */
  readonly path: string
  readonly parent: DtNode | undefined
  readonly properties: ReadonlyMap<string, Uint8Array>
  readonly children: readonly DtNode[]
}

const MAGIC = 0xd00dfeed
const HEADER_LENGTH = 40
const BEGIN_NODE = 1
const END_NODE = 2
const PROPERTY = 3
const NOP = 4
const END = 9
/** The Linux kernel unflattens at most 64 levels. */
const DEPTH_LIMIT = 64

interface Open {
  name: string
  path: string
  parent: Open | undefined
  properties: Map<string, Uint8Array>
  children: Open[]
}

/** Faults: DEVICETREE_TRUNCATED, DEVICETREE_CORRUPT, both with offset. */
export function parseFdt(data: Uint8Array): Result<DtNode> {
  if (data.length < HEADER_LENGTH) return err(truncated(data.length, 'the header alone has 40 bytes'))
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (view.getUint32(0) !== MAGIC) return err(corrupt(0, 'the first word is not 0xd00dfeed'))
  const total = view.getUint32(4)
  if (total > data.length) return err(truncated(data.length, `the header says ${total} bytes`))
  const version = view.getUint32(20)
  if (version < 17) return err(corrupt(20, `version ${version}: only 17 and later are known`))
  const structures = { start: view.getUint32(8), size: view.getUint32(36) }
  const strings = { start: view.getUint32(12), size: view.getUint32(32) }
  for (const [at, block] of [
    [8, structures],
    [12, strings],
  ] as const)
    if (block.start + block.size > total) return err(corrupt(at, 'a block reaches beyond the end'))
  return readStructure(
    new DataView(data.buffer, data.byteOffset + structures.start, structures.size),
    data.subarray(strings.start, strings.start + strings.size),
    structures.start,
  )
}

function readStructure(view: DataView, strings: Uint8Array, base: number): Result<DtNode> {
  let root: Open | undefined
  let open: Open | undefined
  let depth = 0
  for (let at = 0; at + 4 <= view.byteLength;) {
    const here = at
    const token = view.getUint32(at)
    at += 4
    if (token === NOP) continue
    if (token === END) return root && !open ? ok(root) : err(corrupt(base + here, 'the tree ends inside a node'))
    if (token === BEGIN_NODE) {
      const name = text(view, at)
      if (name === undefined) return err(corrupt(base + here, 'a node name has no end'))
      if (!open && root) return err(corrupt(base + here, 'a second root'))
      if (++depth > DEPTH_LIMIT) return err(corrupt(base + here, `more than ${DEPTH_LIMIT} levels`))
      const path: string = !open ? '/' : open.path === '/' ? `/${name}` : `${open.path}/${name}`
      const node: Open = { name, path, parent: open, properties: new Map(), children: [] }
      open?.children.push(node)
      root ??= node
      open = node
      at = align4(at + name.length + 1)
    } else if (token === END_NODE) {
      if (!open) return err(corrupt(base + here, 'a node ends that never began'))
      open = open.parent
      depth--
    } else if (token === PROPERTY) {
      if (at + 8 > view.byteLength) return err(corrupt(base + here, 'a property is cut off'))
      const size = view.getUint32(at)
      const name = text(new DataView(strings.buffer, strings.byteOffset, strings.byteLength), view.getUint32(at + 4))
      at += 8
      if (!open || name === undefined || at + size > view.byteLength)
        return err(corrupt(base + here, 'a property lies outside a node or reaches too far'))
      open.properties.set(name, new Uint8Array(view.buffer, view.byteOffset + at, size))
      at = align4(at + size)
    } else return err(corrupt(base + here, `token ${token} is not defined`))
  }
  return err(truncated(base + view.byteLength, 'the tree has no end'))
}

const align4 = (offset: number): number => (offset + 3) & ~3

/** Latin-1 up to a NUL; undefined when there is none. */
function text(view: DataView, at: number): string | undefined {
  let out = ''
  for (let i = at; i < view.byteLength; i++) {
    const byte = view.getUint8(i)
    if (byte === 0) return out
    out += String.fromCharCode(byte)
  }
  return undefined
}

const corrupt = (offset: number, why: string): Fault => fault('DEVICETREE_CORRUPT', `device tree: ${why}`, { offset })
const truncated = (offset: number, why: string): Fault =>
  fault('DEVICETREE_TRUNCATED', `device tree: cut off: ${why}`, { offset })

/** A property as 32-bit cells; a last incomplete cell is left out. */
export function cells(node: DtNode, name: string): number[] | undefined {
  const value = node.properties.get(name)
  if (!value) return undefined
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength)
  return Array.from({ length: value.byteLength >> 2 }, (_, i) => view.getUint32(4 * i))
}

/** A property as a list of strings (`compatible`). */
export function stringList(node: DtNode, name: string): string[] {
  const value = node.properties.get(name)
  if (!value) return []
  return String.fromCharCode(...value.subarray(0, 4096))
    .split('\0')
    .filter((part) => part !== '')
}

/** The node and everything below it. */
export function* walk(node: DtNode): Generator<DtNode> {
  yield node
  for (const child of node.children) yield* walk(child)
}

/** An address of `reg` as the CPU sees it: through every `ranges` up to the root; undefined when one does not map it. */
export function cpuAddress(node: DtNode, index = 0): bigint | undefined {
  const parent = node.parent
  const reg = cells(node, 'reg')
  if (!parent || !reg) return undefined
  const width = cellCount(parent, '#address-cells', 2)
  const start = index * (width + cellCount(parent, '#size-cells', 1))
  if (reg.length < start + width) return undefined
  let address = joinCells(reg, start, width)
  for (let bus = parent; bus.parent; bus = bus.parent) {
    const ranges = cells(bus, 'ranges')
    if (!ranges) return undefined // no ranges: not visible from above
    if (ranges.length === 0) continue // empty: the same addresses
    const child = cellCount(bus, '#address-cells', 2)
    const above = cellCount(bus.parent, '#address-cells', 2)
    const size = cellCount(bus, '#size-cells', 1)
    const stride = child + above + size
    let mapped: bigint | undefined
    for (let i = 0; stride > 0 && i + stride <= ranges.length && mapped === undefined; i += stride) {
      const start = joinCells(ranges, i, child)
      const length = joinCells(ranges, i + child + above, size)
      if (address >= start && address < start + length) mapped = joinCells(ranges, i + child, above) + (address - start)
    }
    if (mapped === undefined) return undefined
    address = mapped
  }
  return BigInt.asUintN(64, address)
}

export const cellCount = (node: DtNode, name: string, otherwise: number): number =>
  Math.min(4, cells(node, name)?.[0] ?? otherwise)

/** `count` cells from `start` on as one number, the highest first. */
export const joinCells = (values: readonly number[], start: number, count: number): bigint =>
  values.slice(start, start + count).reduce((sum, cell) => (sum << 32n) | BigInt(cell), 0n)

/** As Linux names a platform device (drivers/of/device.c of_device_make_bus_id). `base`: its first address, if it has one. */
export function platformName(node: DtNode, base: bigint | undefined): string {
  const plain = node.name.split('@')[0] ?? node.name
  return base === undefined ? plain : `${base.toString(16)}.${plain}`
}
