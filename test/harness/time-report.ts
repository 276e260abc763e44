/** A part of a run, and the milliseconds from its start to its end. */
export type PartTime = readonly [name: string, milliseconds: number]

const SLOWEST = 15

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(0)} s`.padStart(8)

/**
 * Where the time of a run went: a line for each part and for the slowest files. Parts that run beside each other share the clock, so
 * that their sum is more than the whole; `processorMs` is what all processes of the run used of the machine's cores.
 */
export const timeReport = (
  parts: readonly PartTime[],
  files: ReadonlyMap<string, number>,
  { wallMs, processorMs }: { readonly wallMs: number; readonly processorMs: number },
): string[] => [
  '',
  'Where the time went:',
  ...parts.map(([name, milliseconds]) => `${seconds(milliseconds)}  ${name}`),
  `${seconds(wallMs)}  on the clock, with ${seconds(processorMs).trim()} of processor time`,
  'The slowest files:',
  ...[...files]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, SLOWEST)
    .map(([file, milliseconds]) => `${seconds(milliseconds)}  ${file}`),
  '',
]
