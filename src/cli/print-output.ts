import { Option } from 'commander'
import { stringify } from 'yaml'

/** How a verb prints its answer: for people (`wide`: all of it), or for programs. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml'

/** The -o option, with the same four formats on every verb. */
export const outputOption = (standard: OutputFormat): Option =>
  new Option('-o, --output <format>', 'how to print it')
    .choices(['table', 'wide', 'json', 'yaml'] satisfies OutputFormat[])
    .default(standard)

/** Data as JSON or YAML text. */
export const structured = (value: unknown, format: 'json' | 'yaml'): string =>
  format === 'json'
    ? `${JSON.stringify(value, undefined, 2)}\n`
    : stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })

/** Lines of text on standard output. */
export const printLines = (lines: readonly string[]): void => {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

/** Prints data in the format asked for; `table` makes the lines for people. */
export const printOutput = (
  format: OutputFormat,
  value: unknown,
  table: (wide: boolean) => readonly string[],
): void => {
  if (format === 'json' || format === 'yaml') process.stdout.write(structured(value, format))
  else printLines(table(format === 'wide'))
}

/** Remarks, on standard error so that standard output stays what was asked for. */
export const printNotes = (notes: readonly string[]): void => {
  for (const note of notes) process.stderr.write(`note: ${note}\n`)
}
