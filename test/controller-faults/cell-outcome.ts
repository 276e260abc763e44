import { isDeepStrictEqual } from 'node:util'

/** What a cluster is like, without what differs from run to run. */
export type ClusterSnapshot = {
  /** By kind and name. */
  readonly objects: Readonly<Record<string, unknown>>
  /** `ABOUT REASON`, one for each Event. */
  readonly events: readonly string[]
}

/** The place and the values of each difference between two JSON values. */
const valueDifferences = (place: string, expected: unknown, actual: unknown): string[] => {
  if (isDeepStrictEqual(expected, actual)) return []
  if (!isRecord(expected) || !isRecord(actual))
    return [`${place} is ${shown(actual)} instead of ${shown(expected)}`]
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].flatMap((key) =>
    valueDifferences(`${place}.${key}`, expected[key], actual[key]),
  )
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const shown = (value: unknown): string => {
  const text = value === undefined ? 'absent' : JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}

/** In what the objects of a cluster differ from those of a run without a fault; empty if in nothing. */
export const objectDifferences = (expected: ClusterSnapshot, actual: ClusterSnapshot): string[] => {
  const names = [...new Set([...Object.keys(expected.objects), ...Object.keys(actual.objects)])].sort()
  return names.flatMap((name) => valueDifferences(name, expected.objects[name], actual.objects[name]))
}

const countsOf = (events: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1)
  return counts
}

/** In what the Events differ: `no event X`, `event X twice`, `also event X`. */
export const eventDifferences = (expected: readonly string[], actual: readonly string[]): string[] => {
  const [before, now] = [countsOf(expected), countsOf(actual)]
  return [...new Set([...before.keys(), ...now.keys()])].sort().flatMap((event) => {
    const [wanted, got] = [before.get(event) ?? 0, now.get(event) ?? 0]
    if (wanted === got) return []
    if (wanted === 0) return [`also event ${event}`]
    return [got < wanted ? `no event ${event}` : `event ${event} twice`]
  })
}

/** What was seen of a cell. */
export type SeenCell = {
  /** Whether the request came, so that the fault was caused. */
  readonly wasCaused: boolean
  /** Whether the controller came to rest in time. */
  readonly isAtRest: boolean
  readonly expected: ClusterSnapshot
  readonly actual: ClusterSnapshot
}

/** Each of these is a defect: in the controller, or, if the request never came, in the table. */
const DEFECT = /^(DIFFERS|RESTLESS|not reached)/

export const isDefect = (outcome: string): boolean => DEFECT.test(outcome)

/** The outcome of a cell, in the words of docs/controller-faults.md. */
export const cellOutcome = ({ wasCaused, isAtRest, expected, actual }: SeenCell): string => {
  const differences = objectDifferences(expected, actual)
  if (differences.length > 0) return `DIFFERS: ${differences.join('; ')}`
  if (!isAtRest) return 'RESTLESS'
  if (!wasCaused) return 'not reached'
  return ['same', ...eventDifferences(expected.events, actual.events)].join('; ')
}
