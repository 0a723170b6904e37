/**
 * Which of our own two YAML formats a file from outside is: a platform has its version as a key of its own level. Inside
 * a scenario the same key is indented, below `platform:`.
 */
export const isPlatformText = (text: string): boolean =>
  !/^["']?doorbell["']?\s*:/m.test(text) &&
  (/^["']?doorbellPlatform["']?\s*:/m.test(text) || /^\s*\{\s*"doorbellPlatform"\s*:/.test(text))
