import { endWithReader } from './output/end-with-reader.ts'
import { InputError } from './input/input-error.ts'

/** Exit codes of every verb that answers a question; --help lists them. */
export const EXIT = { yes: 0, no: 1, usage: 2 } as const

/**
 * Runs a verb; `work` returns the exit code. Wrong input produces one message and exit code 2. Any other failure (a cluster that does not
 * answer) has exit code 1, as everywhere.
 */
export const verbAction = async (verb: string, work: () => number | Promise<number>): Promise<void> => {
  endWithReader()
  try {
    process.exitCode = await work()
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    process.stderr.write(`cpufeatures ${verb}: ${text}\n`)
    process.exitCode = error instanceof InputError ? EXIT.usage : EXIT.no
  }
}
