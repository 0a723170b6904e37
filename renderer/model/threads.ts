/** The discussions that scenarios come from, as a person reads them, the newest first. */
const TITLES: readonly (readonly [string, string])[] = [
  ['2021-ims', 'IMS and PASID, 2021'],
  ['2019-domains', 'VT-d default domains, 2019'],
  ['2019-regions', 'Relaxable regions, 2019'],
  ['2016-msi', 'MSI mapping and isolation, 2016'],
  ['2013-pamu', 'PAMU and MSI banks, 2013'],
  ['other', 'Ordering and other'],
]

export const threadTitle = (thread: string): string => TITLES.find(([id]) => id === thread)?.[1] ?? thread

/** Place in the list; what is not known comes last. */
export function threadRank(thread: string): number {
  const at = TITLES.findIndex(([id]) => id === thread)
  return at < 0 ? TITLES.length : at
}
