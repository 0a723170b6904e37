/**
 * The picture in ARCHITECTURE.md as data: which room may import from which, and which packages a room may use.
 * A room is a folder (or a single file) by its longest match; whatever is not listed is forbidden. Tests are free.
 */

const FAULTS = 'main/simulator/faults.ts'
const SCHEMA = 'main/simulator/platform/schema.ts'
const sim = (...rooms) => rooms.map((room) => `main/simulator/${room}`)

/** Room → rooms that it may import from, besides itself. */
export const ARROWS = {
  // the entries: main/index.ts, serve.ts, start.ts, cli.ts
  main: ['main/cli', 'main/ipc', 'main/launch', 'main/worker', 'main/workspace', 'preload/wire', FAULTS],
  'main/launch': ['main', 'main/workspace', FAULTS],
  'main/cli': [
    'main/ipc',
    'main/launch',
    'main/worker',
    'main/workspace',
    'preload/contract',
    ...sim('linux', 'paths', 'platform', 'scenario', 'sources', 'trace'),
    FAULTS,
    SCHEMA,
  ],
  'main/ipc': ['main/worker', 'main/workspace', 'preload', 'preload/contract', 'preload/wire', FAULTS],
  'main/worker': [
    'preload/contract',
    'preload/wire',
    ...sim('engine', 'firmware', 'linux', 'model', 'paths', 'platform', 'scenario', 'trace'),
    FAULTS,
    SCHEMA,
  ],
  'main/workspace': ['preload/records', ...sim('firmware', 'platform'), FAULTS, SCHEMA],

  [FAULTS]: [],
  [SCHEMA]: [...sim('platform')],
  'main/simulator/sources': [],
  'main/simulator/platform': [SCHEMA, FAULTS],
  'main/simulator/firmware': [...sim('platform'), SCHEMA, FAULTS],
  'main/simulator/linux': [...sim('platform'), SCHEMA, FAULTS],
  'main/simulator/paths': [...sim('hardware', 'linux', 'platform'), SCHEMA, FAULTS],
  'main/simulator/model': [FAULTS],
  'main/simulator/hardware': [...sim('model'), FAULTS],
  'main/simulator/flows': [...sim('hardware', 'linux', 'model', 'platform'), SCHEMA, FAULTS],
  'main/simulator/trace': [...sim('model'), FAULTS],
  'main/simulator/engine': [...sim('model', 'trace'), FAULTS],
  'main/simulator/scenario': [...sim('flows', 'hardware', 'linux', 'model', 'platform', 'trace'), SCHEMA, FAULTS],

  'preload/records': [FAULTS],
  'preload/contract': [...sim('sources'), FAULTS, SCHEMA],
  'preload/wire': ['preload/contract', FAULTS],
  preload: ['preload/wire'],
  renderer: ['preload/contract', 'preload/records', 'preload/wire'],
}

/** Files that stand beside a folder of their name belong to its room. */
export const SAME_ROOM = { 'preload/contract.ts': 'preload/contract' }

/** Room → packages that it may import; `type:` only their types. The longest match counts. */
export const PACKAGES = {
  main: ['node:', 'electron'],
  'main/launch': ['node:'],
  'main/cli': ['node:', 'commander', 'zod'],
  'main/ipc': ['node:', 'ws', 'type:electron'],
  'main/worker': ['node:', 'zod'],
  'main/workspace': ['node:', 'tar-stream'],
  'main/simulator': ['zod', 'yaml'],
  preload: ['electron'],
  'preload/contract': ['zod'],
  'preload/records': ['zod'],
  'preload/wire': ['zod'],
  renderer: [
    ...[
      'vue',
      'pinia',
      'zod',
      '@floating-ui/dom',
      'monaco-',
      '@vue-flow/',
      '@lucide/',
      'dockview-',
      'd3-hierarchy',
      'elkjs',
      'reka-ui',
      '@tanstack/',
    ],
    'yaml',
  ],
}

/** The simulator gives the same answer on every machine and at every time: none of these may occur in it. */
export const IMPURE = {
  folder: 'main/simulator',
  members: {
    Math: [
      'random',
      'log',
      'log2',
      'log10',
      'log1p',
      'exp',
      'expm1',
      'pow',
      'sin',
      'cos',
      'tan',
      'sinh',
      'cosh',
      'tanh',
      'cbrt',
      'hypot',
    ],
    Date: ['now'],
    performance: ['now', 'timeOrigin'],
    crypto: ['getRandomValues', 'randomUUID'],
  },
  globals: [
    'process',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'fetch',
    'window',
    'document',
    'Intl',
  ],
  constructors: ['Date', 'WeakRef', 'FinalizationRegistry'],
  methods: ['localeCompare', 'toLocaleString', 'toLocaleUpperCase', 'toLocaleLowerCase'],
}
