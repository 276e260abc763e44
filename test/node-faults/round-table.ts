import { isDefect } from './cell-outcome.ts'
import { CLUSTER_FAULTS } from './cluster-fault.ts'
import type { RoundOutcomes } from './fault-round.ts'
import { PHASE_NAMES, PHASES } from './phase-pod.ts'

const BEGIN = '<!-- made by make node-faults -->'

/** The outcomes of the rounds that were made, by fault. */
export type Rounds = ReadonlyMap<string, RoundOutcomes>

/** The cells whose outcome is a defect of ours, each with its outcome. */
export const defects = (rounds: Rounds): string[] =>
  [...rounds].flatMap(([fault, outcomes]) =>
    PHASE_NAMES.filter((phase) => isDefect(outcomes[phase], CLUSTER_FAULTS[fault]?.isPlanned ?? true)).map(
      (phase) => `${fault} × ${phase}: ${outcomes[phase]}`,
    ),
  )

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/** The results in Markdown: phases, faults, and a row for each fault. */
export const roundReport = (rounds: Rounds): string =>
  [
    '## What the pods do',
    PHASE_NAMES.map((phase) => `- \`${phase}\`: ${PHASES[phase]}`).join('\n'),
    '## What happened',
    [
      row(['fault', 'what it does', 'planned', ...PHASE_NAMES]),
      row(['---', '---', '---', ...PHASE_NAMES.map(() => '---')]),
      ...Object.entries(CLUSTER_FAULTS).map(([name, { does, isPlanned }]) =>
        row([
          `\`${name}\``,
          does,
          isPlanned ? 'yes' : 'no',
          ...PHASE_NAMES.map((phase) => rounds.get(name)?.[phase] ?? 'not tried yet'),
        ]),
      ),
    ].join('\n'),
  ].join('\n\n')

/** The page with this report instead of its present one. Throws if the page has no place for it. */
export const withRoundReport = (page: string, report: string): string => {
  const at = page.indexOf(BEGIN)
  if (at === -1) throw new Error(`docs/node-faults.md lacks ${BEGIN}`)
  return `${page.slice(0, at)}${BEGIN}\n\n${report}\n`
}
