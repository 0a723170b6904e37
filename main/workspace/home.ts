/** The workspace folder: where the person's documents and imported platforms are kept. */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/** DOORBELL_HOME, else the platform's place for an application's data (on Linux by the XDG base directory specification). */
export function workspaceFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir(),
): string {
  const own = env['DOORBELL_HOME']
  if (own) return resolve(own)
  switch (platform) {
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Doorbell')
    case 'win32':
      return join(env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Doorbell')
    default: {
      const data = env['XDG_DATA_HOME']
      // "All paths set in these environment variables must be absolute", else they are to be ignored.
      return join(data?.startsWith('/') ? data : join(home, '.local', 'share'), 'doorbell')
    }
  }
}
