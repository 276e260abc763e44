import { Argument, Command } from 'commander'
import { completionScript, SHELLS } from '../completion-script.ts'
import type { CompletedVerb, Shell } from '../completion-script.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

const describe = ({ options }: Command, name: string, summary: string): CompletedVerb => ({
  name,
  summary,
  options: options.map(({ long, short, description, argChoices }) => ({
    long: long ?? short ?? '',
    description,
    choices: argChoices ?? [],
  })),
})

/** The verbs are loaded here only: whoever completes asks for all of them once, at the start of a shell. */
const verbs = async (): Promise<readonly CompletedVerb[]> => {
  const { COMMANDS } = await import('../commands.ts')
  return Promise.all(
    COMMANDS.map(async ({ name, load }) => {
      const command = await load()
      return describe(command, name, command.summary())
    }),
  )
}

/** `cpufeatures completion`: a script for a shell. */
export const completionCommand = (): Command =>
  addVerbHelp(
    new Command('completion')
      .summary('print a completion script for a shell')
      .description('Prints a script that completes verbs, options and their values.')
      .addArgument(new Argument('<shell>', 'for which shell').choices(SHELLS)),
    {
      examples: [
        ['source <(cpufeatures completion bash)'],
        ['cpufeatures completion zsh > "${fpath[1]}/_cpufeatures"'],
        ['cpufeatures completion fish > ~/.config/fish/completions/cpufeatures.fish'],
      ],
      exitCodes: '0 printed; 2 wrong usage.',
    },
  ).action((shell: Shell) =>
    verbAction('completion', async () => {
      process.stdout.write(completionScript(shell, await verbs()))
      return EXIT.yes
    }),
  )
