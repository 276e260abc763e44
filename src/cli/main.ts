import { basename } from 'node:path'
import { Command, CommanderError } from 'commander'
import { COMMANDS } from './commands.ts'
import type { Verb } from './commands.ts'
import { VERSION } from '../runtime/version.ts'
import { endWithReader } from './output/end-with-reader.ts'
import { helpWidth, paragraphs } from './verb-help.ts'

/** The name of the program as the user typed it: kubectl runs a plugin by its file name. */
const programName = (argv: readonly string[]): string =>
  basename(argv[1] ?? '').startsWith('kubectl-') ? 'kubectl cpufeatures' : 'cpufeatures'

const programHelp = (name: string, command: Command): string =>
  paragraphs(
    [
      `The same program also runs the controller ('${name} controller') and the node-agent ('${name} node-agent').`,
      "Exit codes: 0 success; 1 the answer is no, or the verb failed; 2 wrong usage. 'run' has other exit " +
        'codes: see ' +
        `\`${name} run --help\`.`,
    ],
    helpWidth(command),
  )

const writeHelp = (text: string): void => {
  endWithReader()
  process.stdout.write(text)
}

/** The CLI with these verbs, by default all of them. */
export const createProgram = async (name: string, verbs: readonly Verb[] = COMMANDS): Promise<Command> => {
  const program = new Command(name)
    .description(
      'CPU feature profiles for arm64 virtual machines. A profile (CpuFeatureProfile) describes the CPU that guests see. ' +
        'A revision (CpuFeatureProfileRevision) is a compiled profile. docs/concepts.md explains these and other terms.',
    )
    .version(VERSION)
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for usage)')
    .exitOverride()
    .configureOutput({ writeOut: writeHelp })
    .addHelpText('after', ({ command }) => programHelp(name, command))
  for (const { load } of verbs) program.addCommand((await load()).copyInheritedSettings(program))
  return program
}

/** The verb of a command line, if its first word is one. */
const askedVerb = (argv: readonly string[]): readonly Verb[] | undefined => {
  const asked = COMMANDS.filter(({ name }) => name === argv[2])
  return asked.length === 0 ? undefined : asked
}

/** Runs one command line; returns its exit code. */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  try {
    const program = await createProgram(programName(argv), askedVerb(argv))
    await program.parseAsync([...argv])
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}
