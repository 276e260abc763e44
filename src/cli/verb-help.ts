import type { Command } from 'commander'
import { renderItem, wrapText } from './output/render-table.ts'

/** What the help of a verb says after its options. */
export type VerbHelp = {
  /** Paragraphs; lines that begin with a space stay as they are. */
  readonly notes?: readonly string[]
  /** Command lines, each with what it is for where that is not plain. */
  readonly examples: readonly (readonly [command: string, remark?: string])[]
  readonly exitCodes: string
}

/** As commander takes it where there is no terminal. */
const DEFAULT_WIDTH = 80

/** The width of the help of a command. */
export const helpWidth = (command: Command): number =>
  command.configureOutput().getOutHelpWidth?.() ?? DEFAULT_WIDTH

/** Texts in lines of `width`, each with an empty line before it. */
export const paragraphs = (texts: readonly string[], width: number): string =>
  texts.flatMap((text) => ['', ...(text.startsWith(' ') ? [text] : wrapText(text, width))]).join('\n')

/** Remarks stand behind the commands where they all have room there, else each above its own. */
const exampleLines = (examples: VerbHelp['examples'], width: number): readonly string[] => {
  const widest = Math.max(...examples.map(([line]) => line.length))
  const beside = examples.map(([line, remark]) =>
    remark === undefined ? `  ${line}` : `  ${line.padEnd(widest)}  # ${remark}`,
  )
  if (beside.every((line) => line.length <= width)) return beside
  return examples.flatMap(([line, remark]) => [
    ...(remark === undefined ? [] : renderItem('  # ', remark, width)),
    `  ${line}`,
  ])
}

/** The text after a verb's options, for lines of `width`. */
const helpText = ({ notes = [], examples, exitCodes }: VerbHelp, width: number): string =>
  [
    ...(notes.length === 0 ? [] : [paragraphs(notes, width)]),
    ['', 'Examples:', ...exampleLines(examples, width)].join('\n'),
    paragraphs([`Exit codes: ${exitCodes}`], width),
  ].join('\n')

/** Adds what the help of a verb says after its options. */
export const addVerbHelp = (command: Command, help: VerbHelp): Command =>
  command.addHelpText('after', ({ command: shown }) => helpText(help, helpWidth(shown)))
