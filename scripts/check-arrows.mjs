/** Checks the arrows of arrows.mjs against the import statements of every source. `node scripts/check-arrows.mjs [ROOT]` */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { ARROWS, IMPURE, PACKAGES, SAME_ROOM } from './arrows.mjs'

const SOURCE = /\.(ts|mts|vue|js|mjs)$/
const TEST = /\.test\.ts$|^renderer\/testing\/|^test\//

/**
 * @param {string} root folder with main/, preload/ and renderer/
 * @returns {string[]} one line `file:line: …` for each forbidden arrow, in order of file
 */
export function checkArrows(root) {
  const problems = []
  for (const file of sources(root)) {
    if (TEST.test(file)) continue
    const source = parse(file, readFileSync(join(root, file), 'utf8'))
    const report = (node, what) =>
      problems.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}: ${what}`)
    for (const found of imports(source)) checkImport(root, file, found, report)
    if (file.startsWith(`${IMPURE.folder}/`)) checkPurity(source, report)
  }
  return problems
}

function sources(root) {
  return ['main', 'preload', 'renderer']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) =>
        posix.join(folder, name.replaceAll('\\', '/')),
      ),
    )
    .filter((file) => SOURCE.test(file) && statSync(join(root, file)).isFile())
    .sort()
}

function parse(file, text) {
  return ts.createSourceFile(
    file,
    file.endsWith('.vue') ? scriptOf(text) : text,
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TS,
  )
}

/** The scripts of a Vue file, everything else blanked, so that line numbers stay. */
function scriptOf(text) {
  const blank = (part) => part.replace(/[^\n]/g, ' ')
  let out = ''
  let at = 0
  for (const match of text.matchAll(/(<script\b[^>]*>)([^]*?)<\/script>/g)) {
    const start = match.index + match[1].length
    out += blank(text.slice(at, start)) + match[2]
    at = start + match[2].length
  }
  return out + blank(text.slice(at))
}

/** Every way to name another module: static and dynamic import, re-export, `import('…').Type`, `import x = require('…')`. */
function* imports(source) {
  const stack = [source]
  for (let node = stack.pop(); node; node = stack.pop()) {
    ts.forEachChild(node, (child) => void stack.push(child))
    if (ts.isImportDeclaration(node)) yield found(node, node.moduleSpecifier, node.importClause?.isTypeOnly === true)
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      yield found(node, node.moduleSpecifier, node.isTypeOnly)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      yield found(node, node.argument.literal, true)
    else if (ts.isExternalModuleReference(node)) yield found(node, node.expression, false)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      yield found(node, node.arguments[0], false)
  }
}

const found = (node, specifier, typeOnly) => ({
  node,
  typeOnly,
  name: specifier && ts.isStringLiteralLike(specifier) ? specifier.text : undefined,
})

function checkImport(root, file, { node, name, typeOnly }, report) {
  if (name === undefined) return report(node, 'imports something that cannot be read from the source')
  const from = longest(ARROWS, file)
  if (from === undefined) return report(node, 'lies in no room of scripts/arrows.mjs')
  if (!name.startsWith('.')) {
    const allowed = PACKAGES[longest(PACKAGES, file)] ?? []
    const fits = allowed.some((p) => name.startsWith(p) || (typeOnly && p === `type:${name}`))
    if (!fits) report(node, `${from} must not import ${name}`)
    return
  }
  const target = resolveRelative(root, file, name.replace(/\?.*$/, ''))
  if (target === undefined) return report(node, `imports ${name}, which is not there`)
  if (!/^(main|preload|renderer)\//.test(target)) return report(node, `${from} must not import ${target}`)
  const to = longest(ARROWS, target)
  if (to !== from && !(ARROWS[from] ?? []).includes(to)) report(node, `${from} must not import ${to} (${target})`)
}

/** The longest room that holds the file: the file itself, or a folder above it. */
function longest(rooms, file) {
  for (let path = SAME_ROOM[file] ?? file; path !== '.'; path = posix.dirname(path))
    if (Object.hasOwn(rooms, path)) return path
  return undefined
}

function resolveRelative(root, file, name) {
  const base = posix.join(posix.dirname(file), name)
  const candidates = [
    base,
    `${base}.ts`,
    `${base}.vue`,
    `${base}.js`,
    `${base}.d.ts`,
    `${base}/index.ts`,
    base.replace(/\.js$/, '.ts'),
  ]
  return candidates.find((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile())
}

function checkPurity(source, report) {
  const visit = (node) => {
    ts.forEachChild(node, visit)
    if (ts.isPropertyAccessExpression(node)) {
      const { text } = node.name
      const owner = ts.isIdentifier(node.expression) ? node.expression.text : ''
      if (IMPURE.members[owner]?.includes(text)) report(node, `${owner}.${text} in the simulator`)
      if (IMPURE.methods.includes(text)) report(node, `${text} in the simulator depends on the locale`)
    } else if (
      ts.isNewExpression(node) &&
      ts.isIdentifier(node.expression) &&
      IMPURE.constructors.includes(node.expression.text)
    ) {
      report(node, `new ${node.expression.text} in the simulator`)
    } else if (ts.isIdentifier(node) && IMPURE.globals.includes(node.text) && isGlobalUse(node)) {
      report(node, `${node.text} in the simulator`)
    }
  }
  const declared = declaredNames(source)
  /** Used as a value, and not a name of the file's own. */
  const isGlobalUse = (node) => {
    const { parent } = node
    if (declared.has(node.text)) return false
    if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
    return ts.isCallExpression(parent) || ts.isNewExpression(parent) || ts.isElementAccessExpression(parent)
  }
  visit(source)
}

function declaredNames(source) {
  const names = new Set()
  const visit = (node) => {
    const { name } = node
    const declares =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isBindingElement(node) ||
      ts.isImportSpecifier(node)
    if (declares && name && ts.isIdentifier(name)) names.add(name.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = resolve(process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..'))
  const problems = checkArrows(root)
  for (const problem of problems) console.error(problem)
  console.log(
    problems.length === 0 ? 'arrows: every import follows the picture' : `arrows: ${problems.length} forbidden`,
  )
  process.exitCode = problems.length === 0 ? 0 : 1
}
