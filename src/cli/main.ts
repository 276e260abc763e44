import { basename } from 'node:path'
import { Command, CommanderError } from 'commander'
import { COMMANDS } from './commands.ts'

/** kubectl runs plugins by their file name; help then shows what the user typed. */
const programName = (argv: readonly string[]): string =>
  basename(argv[1] ?? '').startsWith('kubectl-') ? 'kubectl cpufeatures' : 'cpufeatures'

/** The CLI, with every verb. */
export const createProgram = (name: string): Command => {
  const program = new Command(name)
    .description('CPU feature profiles for arm64 virtual machines.')
    .version('0.1.0')
    .enablePositionalOptions()
    .showHelpAfterError('(add --help for usage)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Two more binaries are in this bundle: '${name} controller' and '${name} node-agent'.

Exit codes: 0 done; 1 the answer is no, or the work failed; 2 wrong usage.
'run' has those of env(1): 125 we failed, 126/127 the VMM could not be executed, else the VMM's own.`,
    )
  for (const { create, hidden } of COMMANDS)
    program.addCommand(create().copyInheritedSettings(program), { hidden })
  return program
}

/** Runs one command line; returns its exit code. */
export const runCli = async (argv: readonly string[]): Promise<number> => {
  try {
    await createProgram(programName(argv)).parseAsync([...argv])
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
}
