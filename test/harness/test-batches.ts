import { globSync } from 'node:fs'
import { LAB_PATHS } from './lab-paths.ts'
import type { TestFiles } from './test-parts.ts'

const matching = (globs: readonly string[], pattern: string): string[] =>
  globs
    .flatMap((glob) => globSync(glob, { cwd: LAB_PATHS.root }).sort())
    .filter((file) => file.includes(pattern))

/** Files in so many batches, neighbours in different ones. */
const dealt = (files: readonly string[], batches: number): string[][] =>
  Array.from({ length: Math.min(batches, files.length) }, (_, batch) =>
    files.filter((__, index) => index % batches === batch),
  )

/** The files whose path holds `pattern`, as each process runs them. A file is where it matches first. */
export const testBatches = (files: readonly TestFiles[], pattern: string): string[][] => {
  const seen = new Set<string>()
  const unseen = (globs: readonly string[]): string[] =>
    matching(globs, pattern).filter((file) => !seen.has(file) && seen.add(file))
  return files.flatMap((one) =>
    typeof one === 'string' ? unseen([one]).map((file) => [file]) : dealt(unseen(one.shared), one.processes),
  )
}
