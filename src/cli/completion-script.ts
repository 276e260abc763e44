/** The shells for which there is a script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** What the script completes for a verb. */
export type CompletedVerb = {
  readonly name: string
  readonly summary: string
  readonly options: readonly CompletedOption[]
}

type CompletedOption = {
  readonly long: string
  readonly description: string
  /** Its values, if there are only a few. */
  readonly choices: readonly string[]
}

const bashCases = (verbs: readonly CompletedVerb[]): string[] =>
  verbs.flatMap(({ name, options }) => [
    ...options
      .filter(({ choices }) => choices.length > 0)
      .map(({ long, choices }) => `    ${name}:${long}) words="${choices.join(' ')}" ;;`),
    `    ${name}:*) words="${options.map(({ long }) => long).join(' ')} --help" ;;`,
  ])

const bash = (verbs: readonly CompletedVerb[]): string =>
  [
    '# bash completion of cpufeatures',
    '_cpufeatures() {',
    '  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=""',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    words="${verbs.map(({ name }) => name).join(' ')}"`,
    '  else case "${COMP_WORDS[1]}:$previous" in',
    ...bashCases(verbs),
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _cpufeatures cpufeatures',
    '',
  ].join('\n')

/** zsh runs bash's completions. */
const zsh = (verbs: readonly CompletedVerb[]): string =>
  ['#compdef cpufeatures', 'autoload -U +X bashcompinit && bashcompinit', bash(verbs)].join('\n')

const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`

const fish = (verbs: readonly CompletedVerb[]): string =>
  [
    '# fish completion of cpufeatures',
    ...verbs.flatMap(({ name, summary, options }) => [
      `complete -c cpufeatures -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`,
      ...options.map(({ long, description, choices }) =>
        [
          `complete -c cpufeatures -n '__fish_seen_subcommand_from ${name}' -l ${long.replace(/^--/, '')}`,
          `-d ${quoted(description)}`,
          ...(choices.length > 0 ? [`-xa ${quoted(choices.join(' '))}`] : []),
        ].join(' '),
      ),
    ]),
    '',
  ].join('\n')

const SCRIPTS: Readonly<Record<Shell, (verbs: readonly CompletedVerb[]) => string>> = { bash, zsh, fish }

/** The script with which a shell completes these verbs. */
export const completionScript = (shell: Shell, verbs: readonly CompletedVerb[]): string =>
  SCRIPTS[shell](verbs)
