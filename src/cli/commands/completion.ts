import { Argument, Command } from 'commander'
import { completionScript, SHELLS } from '../completion-script.ts'
import type { CompletedVerb, Shell } from '../completion-script.ts'
import { EXIT, verbAction } from '../verb-action.ts'
import { addVerbHelp } from '../verb-help.ts'

const completed = (command: Command): CompletedVerb => ({
  name: command.name(),
  summary: command.summary(),
  options: command.options.map(({ long, short, description, argChoices }) => ({
    long: long ?? short ?? '',
    description,
    choices: argChoices ?? [],
  })),
})

/**
 * `cpufeatures completion`: prints a script for a shell. `loadVerbs` loads all verbs, which is fine here: a shell runs this once, when it
 * starts.
 */
export const completionCommand = (loadVerbs: () => Promise<readonly Command[]>): Command =>
  addVerbHelp(
    new Command('completion')
      .summary('print a completion script for a shell')
      .description('Prints a script with which a shell completes verbs, options and their values.')
      .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS)),
    {
      examples: [
        ['source <(cpufeatures completion bash)'],
        ['cpufeatures completion zsh > "${fpath[1]}/_cpufeatures"'],
        ['cpufeatures completion fish > ~/.config/fish/completions/cpufeatures.fish'],
      ],
      exitCodes: '0 the script was printed; 2 wrong usage.',
    },
  ).action((shell: Shell) =>
    verbAction('completion', async () => {
      process.stdout.write(completionScript(shell, (await loadVerbs()).map(completed)))
      return EXIT.yes
    }),
  )
