import { Option } from 'commander'

/** How a verb prints its answer: for people (`wide` prints everything), or for programs. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml'

/** The -o option, with the same four formats on every verb. */
export const outputOption = (standard: OutputFormat): Option =>
  new Option('-o, --output <format>', 'the output format')
    .choices(['table', 'wide', 'json', 'yaml'] satisfies OutputFormat[])
    .default(standard)
