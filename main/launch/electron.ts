/**
 * Electron's runtime: is it here, and how to fetch it when the person wants that. The npm package carries no binary;
 * its own `require('electron')` would fetch one without a word at first use, so it is never required here.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { packageFolder } from '../workspace/root'

export type Runtime =
  /** `path` is the executable. */
  | { readonly state: 'present'; readonly path: string }
  /** The npm package is here, its binary is not. */
  | { readonly state: 'absent'; readonly folder: string; readonly version: string }
  /** Not even the npm package (installed without development dependencies). */
  | { readonly state: 'not-installed' }

export function findRuntime(
  env: Readonly<Record<string, string | undefined>> = process.env,
  from: string = join(packageFolder(), 'package.json'),
): Runtime {
  let folder: string
  try {
    folder = dirname(createRequire(from).resolve('electron/package.json'))
  } catch {
    return { state: 'not-installed' }
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
  const pathFile = join(folder, 'path.txt')
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8') : undefined
  const override = env['ELECTRON_OVERRIDE_DIST_PATH']
  const path = override ? join(override, name ?? 'electron') : name && join(folder, 'dist', name)
  return path && existsSync(path) ? { state: 'present', path } : { state: 'absent', folder, version }
}

/** The part of @electron/get (a dependency of the electron package) that is used. */
interface Getter {
  readonly downloadArtifact: (options: {
    version: string
    artifactName: string
    platform: string
    arch: string
    checksums: unknown
    downloadOptions: {
      quiet: boolean
      signal: AbortSignal
      getProgressCallback: (progress: { transferred: number; total: number | null }) => Promise<void>
    }
  }) => Promise<string>
}

/**
 * Downloads into Electron's own cache, with news of bytes, and then lets the package's install script unpack from there.
 * Resolves to why it failed, or undefined.
 */
export async function fetchRuntime(
  { folder, version }: { readonly folder: string; readonly version: string },
  signal: AbortSignal,
  onProgress: (transferred: number, total: number | null) => void,
): Promise<string | undefined> {
  try {
    const require = createRequire(join(folder, 'package.json'))
    const { downloadArtifact } = require('@electron/get') as Getter
    await downloadArtifact({
      version,
      artifactName: 'electron',
      platform: process.platform,
      arch: process.arch,
      checksums: require('./checksums.json'),
      downloadOptions: {
        quiet: true,
        signal,
        getProgressCallback: ({ transferred, total }) => {
          onProgress(transferred, total)
          return Promise.resolve()
        },
      },
    })
    return await unpack(folder, signal)
  } catch (error) {
    if (signal.aborted) return 'it was interrupted'
    return describe(error)
  }
}

/** fetch says only "fetch failed"; its cause says why. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  const why = cause instanceof Error ? cause.message || ('code' in cause ? String(cause.code) : '') : ''
  return why === '' ? error.message : `${error.message} (${why})`
}

function unpack(folder: string, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'ignore', 'pipe'], signal })
    let complaint = ''
    child.stderr.on('data', (text: Buffer) => (complaint = (complaint + text.toString()).slice(-2000)))
    child.on('error', (error) => resolve(signal.aborted ? 'it was interrupted' : error.message))
    child.on('exit', (code) => resolve(code === 0 ? undefined : (complaint.split('\n')[0] ?? `exit code ${code}`)))
  })
}
