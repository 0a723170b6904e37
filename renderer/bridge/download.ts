/** A file that the window itself makes, handed to the browser's (or the desktop's) own way of saving. */
export function download(name: string, parts: BlobPart[], type: string): void {
  const url = URL.createObjectURL(new Blob(parts, { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // Not at once: the download starts after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
