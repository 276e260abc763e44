import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generateArm64Tables } from './generate-arm64-tables.ts'
import { generateCliDocs } from './generate-cli-docs.ts'
import { generateCrds } from './generate-crds.ts'
import { generateDocs } from './generate-docs.ts'
import { generateModelCatalogue } from './generate-model-catalogue.ts'

type GeneratedFile = {
  /** From the root of the project. */
  path: string
  text: string
}

const root = join(import.meta.dirname, '..')

/** Every generator of the project; each decides only what its files hold. */
const GENERATORS: readonly (() => GeneratedFile[] | Promise<GeneratedFile[]>)[] = [
  generateArm64Tables,
  generateCrds,
  generateDocs,
  generateModelCatalogue,
  generateCliDocs,
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
  // One after the other: some load what those before them have written.
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

process.exitCode = await main(process.argv.slice(2))
