import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { LAB_PATHS } from '../harness/lab-paths.ts'

const PAGE = join(LAB_PATHS.root, 'docs/faults.md')

/** Writes docs/faults.md anew, formatted as the repository has it. */
export const rewritePage = async (change: (text: string) => string): Promise<void> => {
  const text = change(await readFile(PAGE, 'utf8'))
  await writeFile(PAGE, await format(text, { ...(await resolveConfig(PAGE)), filepath: PAGE }))
}
