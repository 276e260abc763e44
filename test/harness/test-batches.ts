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

/** The files whose path holds `pattern`, as each process runs them. */
export const testBatches = (files: readonly TestFiles[], pattern: string): string[][] =>
  files.flatMap((one) =>
    typeof one === 'string'
      ? matching([one], pattern).map((file) => [file])
      : dealt(matching(one.shared, pattern), one.processes),
  )
