import { stringify } from 'yaml'
import type { OutputFormat } from './output-format.ts'
import { printLines } from './print-lines.ts'

/** Data as JSON or YAML text. */
export const structured = (value: unknown, format: 'json' | 'yaml'): string =>
  format === 'json'
    ? `${JSON.stringify(value, undefined, 2)}\n`
    : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })

/** Prints data in the requested format; `table` makes the lines for people. */
export const printOutput = (
  format: OutputFormat,
  value: unknown,
  table: (wide: boolean) => readonly string[],
): void => {
  if (format === 'json' || format === 'yaml') process.stdout.write(structured(value, format))
  else printLines(table(format === 'wide'))
}

/** Prints remarks on standard error, so that standard output holds only the answer. */
export const printNotes = (notes: readonly string[]): void => {
  for (const note of notes) process.stderr.write(`note: ${note}\n`)
}
