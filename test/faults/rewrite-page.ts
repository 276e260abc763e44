import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { LAB_PATHS } from '../harness/lab-paths.ts'

/** Writes a page of docs/ anew, formatted as the repository has it: docs/faults.md if not given. */
export const rewritePage = async (change: (text: string) => string, name = 'faults.md'): Promise<void> => {
  const page = join(LAB_PATHS.root, 'docs', name)
  const text = change(await readFile(page, 'utf8'))
  await writeFile(page, await format(text, { ...(await resolveConfig(page)), filepath: page }))
}
