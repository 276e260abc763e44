import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FactsProblem } from './arm64-tables/facts-problem.ts'

type GeneratedFile = {
  /** From the root of the project. */
  path: string
  text: string
}

const root = join(import.meta.dirname, '..')

/** Every generator of the project; each decides only what its files hold. A later one loads what those before it have written. */
const GENERATORS: readonly (() => Promise<GeneratedFile[]>)[] = [
  async () => (await import('./generate-arm64-tables.ts')).generateArm64Tables(),
  async () => (await import('./generate-crds.ts')).generateCrds(),
  async () => (await import('./generate-docs.ts')).generateDocs(),
  async () => (await import('./generate-model-catalogue.ts')).generateModelCatalogue(),
  async () => (await import('./generate-cli-docs.ts')).generateCliDocs(),
]

const currentText = (path: string): string | undefined => {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

const write = ({ path, text }: GeneratedFile): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  console.log(`wrote ${path}`)
}

const main = async (args: readonly string[]): Promise<number> => {
  const [unknown] = args.filter((arg) => arg !== '--check')
  if (unknown !== undefined) {
    console.error(`generate: unknown argument ${unknown}; usage: node scripts/generate.ts [--check]`)
    return 2
  }
  const isCheck = args.includes('--check')
  let drifted = 0
  for (const generate of GENERATORS) {
    for (const file of await generate()) {
      if (currentText(file.path) === file.text) continue
      drifted += 1
      if (!isCheck) write(file)
      else
        console.error(
          `${file.path} is not what its sources say: run \`npm run generate\` and commit the result`,
        )
    }
  }
  return isCheck && drifted > 0 ? 1 : 0
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  // A mistake in a table is one of the reader's, and says all that they need; anything else is a bug, with its stack.
  if (!(error instanceof FactsProblem)) throw error
  console.error(`generate: ${error.message}`)
  process.exitCode = 1
}
