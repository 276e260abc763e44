import { GENERATED_NOTICE } from './docs/generated-notice.ts'

/** The help of a command with its examples, as a terminal of 100 columns shows it. */
const helpText = (command: {
  configureOutput: (output: object) => unknown
  outputHelp: () => void
}): string => {
  const parts: string[] = []
  command.configureOutput({
    writeOut: (text: string) => parts.push(text),
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return parts.join('').trimEnd()
}

const section = (title: string, text: string): string => `## ${title}\n\n\`\`\`text\n${text}\n\`\`\`\n`

/** docs/cli.md: what every verb says of itself. */
export const generateCliDocs = async (): Promise<{ path: string; text: string }[]> => {
  // Loaded late: the CLI needs what the generators before this one write.
  const { createProgram } = await import('../src/cli/main.ts')
  const program = await createProgram('cpufeatures')
  const shown = program.createHelp().visibleCommands(program)
  const verbs = shown.filter((command) => command.name() !== 'help')
  const text = [
    GENERATED_NOTICE,
    '',
    '# The command line',
    '',
    'This page shows the help of each verb, as `cpufeatures VERB --help` prints it. [Concepts](concepts.md#terms) explains the terms.',
    '',
    'Every verb also works with kubectl. Link the built file `dist/cpufeatures.mjs` into a folder on your PATH under the name',
    '`kubectl-cpufeatures`. Then run `kubectl cpufeatures VERB`.',
    '',
    section('cpufeatures', helpText(program)),
    ...verbs.map((command) => section(`cpufeatures ${command.name()}`, helpText(command))),
  ].join('\n')
  return [{ path: 'docs/cli.md', text }]
}
