import { readFile, writeFile } from 'node:fs/promises'
import type * as z from 'zod'

/** What a file keeps of an earlier run; where there is none, what is asked now, which the file then keeps. */
export const keptAnswers = async <T>(
  file: string,
  schema: z.ZodType<T>,
  ask: () => Promise<T>,
): Promise<T> => {
  const before = await readFile(file, 'utf8').catch(() => undefined)
  if (before !== undefined) return schema.parse(JSON.parse(before))
  const answers = await ask()
  await writeFile(file, `${JSON.stringify(answers)}\n`)
  return answers
}
