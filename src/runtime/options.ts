import { parseArgs } from 'node:util'
import type * as z from 'zod'

/** One option of a process: a flag, and an environment variable with the same meaning. */
export type OptionDeclaration<T> = {
  /** Long form without dashes: `node-name`. */
  readonly flag: string
  readonly env?: string | undefined
  readonly help: string
  /** Parses the string (`undefined` if not given); it also holds the default, or makes the option required. */
  readonly schema: z.ZodType<T>
}

export type OptionTable = Readonly<Record<string, OptionDeclaration<unknown>>>

export type OptionValues<D extends OptionTable> = {
  readonly [K in keyof D]: D[K] extends OptionDeclaration<infer T> ? T : never
}

/** The arguments and environment of a process. */
export type OptionSource = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export type OptionProblem = {
  /** As the user writes it: `--node-name (or NODE_NAME)`. */
  readonly option: string
  readonly problem: string
  readonly fix: string
}

export type OptionsResult<D extends OptionTable> =
  | { readonly kind: 'options'; readonly values: OptionValues<D> }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'invalid'; readonly problems: readonly OptionProblem[]; readonly text: string }

/** The arguments after `skip` words of the command (node and the bundle are not counted), and the environment. */
export const processSource = (skip = 0): OptionSource => ({
  argv: process.argv.slice(2 + skip),
  env: process.env,
})

/** Reads a table of options. A flag overrides its variable; an empty variable counts as not given. */
export const readOptions = <D extends OptionTable>(table: D, source: OptionSource): OptionsResult<D> => {
  const parsed = parseFlags(table, source.argv)
  if (parsed.kind === 'unreadable') {
    const fix = `use the options of --help`
    return invalid([{ option: 'command line', problem: parsed.problem, fix }])
  }
  const { given: flags } = parsed
  if (flags['help'] === true) return { kind: 'help', text: helpText(table) }
  const values: Record<string, unknown> = {}
  const problems: OptionProblem[] = []
  for (const [name, declaration] of Object.entries(table)) {
    const given = flags[declaration.flag] ?? fromEnvironment(declaration, source.env)
    const result = declaration.schema.safeParse(given)
    if (result.success) values[name] = result.data
    else problems.push(problemOf(declaration, given, result.error))
  }
  if (problems.length > 0) return invalid(problems)
  return { kind: 'options', values: values as OptionValues<D> }
}

type ParsedFlags =
  | { readonly kind: 'flags'; readonly given: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unreadable'; readonly problem: string }

const parseFlags = (table: OptionTable, argv: readonly string[]): ParsedFlags => {
  const flags = Object.values(table).map(
    (declaration) => [declaration.flag, { type: 'string' as const }] as const,
  )
  const options = { ...Object.fromEntries(flags), help: { type: 'boolean' as const } }
  try {
    const { values } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false })
    return { kind: 'flags', given: values }
  } catch (error) {
    return { kind: 'unreadable', problem: error instanceof Error ? error.message : String(error) }
  }
}

const fromEnvironment = (
  declaration: OptionDeclaration<unknown>,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const value = declaration.env === undefined ? undefined : env[declaration.env]
  return value === '' ? undefined : value
}

const problemOf = (
  declaration: OptionDeclaration<unknown>,
  given: unknown,
  error: z.ZodError,
): OptionProblem => {
  const what = error.issues.map((issue) => issue.message).join('; ')
  const problem = given === undefined ? 'is missing' : `has the value ${JSON.stringify(given)}: ${what}`
  return { option: optionName(declaration), problem, fix: declaration.help }
}

const invalid = (problems: readonly OptionProblem[]): OptionsResult<never> => {
  const lines = problems.map(({ option, problem, fix }) => `${option} ${problem}. ${fix}`)
  return { kind: 'invalid', problems, text: lines.join('\n') }
}

const optionName = (declaration: OptionDeclaration<unknown>): string => {
  const variable = declaration.env === undefined ? '' : ` (or ${declaration.env})`
  return `--${declaration.flag}${variable}`
}

const helpText = (table: OptionTable): string => {
  const lines = Object.values(table).map(
    (declaration) => `  ${optionName(declaration)}\n      ${declaration.help}`,
  )
  return ['Options:', ...lines, ''].join('\n')
}
