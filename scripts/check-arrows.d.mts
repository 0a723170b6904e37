export function checkArrows(root: string): string[]
