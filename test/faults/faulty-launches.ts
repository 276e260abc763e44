import type { HostAccess } from '../harness/host-access.ts'
import type { SeenCell } from './cell-outcome.ts'
import { cellName } from './fault.ts'
import type { Cell, Fault } from './fault.ts'
import { callOf, launchSteps } from './launch-steps.ts'
import type { Step } from './launch-steps.ts'

/** What a launch of cells under one supervisor showed: those that were come to, in order, and all that was printed. */
export type FaultyLaunch = { readonly seen: readonly SeenCell[]; readonly printed: string }

const launch = async (host: HostAccess, plan: string, args: readonly string[]): Promise<string> => {
  const command = ['cpufeatures', 'run', '--plan', plan, '--', '/opt/vmm/fault', ...args]
  const { stdout, stderr } = await host.run(command, { timeoutSeconds: 120 + 40 * args.length })
  return `${stdout}\n--- stderr\n${stderr}`
}

/** What `fault` or `fault-alone` printed of a cell, after its word CELL. */
export const cellOf = (text: string): SeenCell => {
  const [name = '', ...lines] = text.split('\n')
  const [fault = '', number = ''] = name.split(':')
  const tail = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const [at] = tail('AT')
  const [exitCode] = tail('EXIT')
  return {
    fault: fault as Fault,
    number: Number(number),
    at: at && callOf(at),
    stdout: tail('OUT').join('\n'),
    exitCode: exitCode === undefined ? undefined : Number(exitCode),
    served: !lines.includes('NO-SUPERVISOR'),
    left: tail('LEFT').join('\n'),
    traced: lines.includes('TRACED'),
  }
}

/** Whose launch ended before its fault could happen: by what the cell before has left. */
const neverBegan = ({ at, exitCode }: SeenCell): boolean => at === undefined && exitCode === undefined

/**
 * A supervisor that serves no further VMM was ended by the fault of the cell before: that is then not served, and the one
 * after it was not tried.
 */
const blamed = (cells: readonly SeenCell[]): SeenCell[] => {
  const last = cells.at(-1)
  if (last === undefined || cells.length < 2 || !neverBegan(last)) return [...cells]
  return cells
    .slice(0, -1)
    .map((cell, index) => (index === cells.length - 2 ? { ...cell, served: false } : cell))
}

/** The calls that a supervisor makes in a launch of one VM with one vCPU. */
export const stepsOfLaunch = async (host: HostAccess, plan: string): Promise<Step[]> =>
  launchSteps(await launch(host, plan, ['follow']))

/** Launches each of these cells under one supervisor, until something is amiss. One that is killed serves the last. */
export const faultyLaunch = async (
  host: HostAccess,
  plan: string,
  cells: readonly Cell[],
): Promise<FaultyLaunch> => {
  const printed = await launch(host, plan, cells.map(cellName))
  const [, ...texts] = printed.split(/^CELL /m)
  return { seen: blamed(texts.map(cellOf)), printed }
}
