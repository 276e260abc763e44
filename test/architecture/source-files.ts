import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'

/** The root of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..')

export type Import = {
  /** The module as written. */
  specifier: string
  /** True if nothing of it is left at run time. */
  typeOnly: boolean
}

export type SourceFile = {
  /** Path from the root, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly Import[]
}

const isTypeOnly = (node: ts.ImportDeclaration): boolean => {
  const clause = node.importClause
  if (clause === undefined) return false
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true
  const named = clause.namedBindings
  return (
    clause.name === undefined &&
    named !== undefined &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((element) => element.isTypeOnly)
  )
}

const importsOf = (source: ts.SourceFile): Import[] => {
  const found: Import[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      found.push({ specifier: node.moduleSpecifier.text, typeOnly: isTypeOnly(node) })
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier !== undefined &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      found.push({ specifier: node.moduleSpecifier.text, typeOnly: node.isTypeOnly })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments
      if (argument !== undefined && ts.isStringLiteral(argument)) {
        found.push({ specifier: argument.text, typeOnly: false })
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const read = new Map<string, readonly SourceFile[]>()

/** Every TypeScript file below `folder` (a path from the root). Read once per process, and parsed when its imports are asked for. */
export const sourceFiles = (folder: string): readonly SourceFile[] => {
  const files = read.get(folder) ?? readFolder(folder)
  read.set(folder, files)
  return files
}

const readFolder = (folder: string): readonly SourceFile[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => {
      const absolute = join(entry.parentPath, entry.name)
      const text = readFileSync(absolute, 'utf8')
      return {
        path: relative(ROOT, absolute),
        text,
        lines: text.split('\n').length - 1,
        get imports() {
          return importsOf(ts.createSourceFile(absolute, text, ts.ScriptTarget.Latest, true))
        },
      }
    })
    .sort((a, b) => a.path.localeCompare(b.path))

/** Product files: no tests, nothing generated. */
export const productFiles = (): SourceFile[] =>
  sourceFiles('src').filter((file) => !file.path.endsWith('.test.ts') && !file.path.endsWith('.generated.ts'))
