export function buildShortWay(root: string): Promise<void>
