import type { Command } from 'commander'
import { renderItem, wrapText } from './output/render-table.ts'

/** What the help of a verb says after its options. */
export type VerbHelp = {
  /** Paragraphs; a line that begins with a space is not wrapped. */
  readonly notes?: readonly string[]
  /** Command lines, each with a remark if its purpose is not obvious. */
  readonly examples: readonly (readonly [command: string, remark?: string])[]
  readonly exitCodes: string
}

/** Commander's width without a terminal. */
const DEFAULT_WIDTH = 80

/** The width of the help of a command. */
export const helpWidth = (command: Command): number =>
  command.configureOutput().getOutHelpWidth?.() ?? DEFAULT_WIDTH

/** The texts in lines of `width`, each after an empty line. */
export const paragraphs = (texts: readonly string[], width: number): string =>
  texts.flatMap((text) => ['', ...(text.startsWith(' ') ? [text] : wrapText(text, width))]).join('\n')

/** Remarks stand beside the commands if all have room there, otherwise each above its own command. */
const exampleLines = (examples: VerbHelp['examples'], width: number): readonly string[] => {
  const widest = Math.max(...examples.map(([line]) => line.length))
  const beside = examples.map(([line, remark]) =>
    remark === undefined ? `  ${line}` : `  ${line.padEnd(widest)}  # ${remark}`,
  )
  if (beside.every((line) => line.length <= width)) return beside
  return examples.flatMap(([line, remark], index) => [
    ...(remark === undefined ? [] : [...(index === 0 ? [] : ['']), ...renderItem('  # ', remark, width)]),
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

/** Adds to a verb what its help says after the options. */
export const addVerbHelp = (command: Command, help: VerbHelp): Command =>
  command.addHelpText('after', ({ command: shown }) => helpText(help, helpWidth(shown)))
