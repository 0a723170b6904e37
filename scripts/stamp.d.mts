export function sourceDigest(root: string): string
export function writeStamp(root: string, digest: string): void
export function isFresh(root: string): boolean
