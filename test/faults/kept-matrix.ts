import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import type { Step } from './launch-steps.ts'

const FILE = join(LAB_PATHS.lab, 'faults.json')
const CONDITIONS_FILE = join(LAB_PATHS.lab, 'fault-conditions.json')

const keptMatrix = z.object({ rows: z.array(z.string()), cells: z.record(z.string(), z.string()) })

const rowsOf = (steps: readonly Step[]): string[] => steps.map(({ serves, call }) => `${serves} ${call}`)

/** The cells that a run before has filled, of a launch that makes the same calls. */
export const readKept = async (steps: readonly Step[]): Promise<Map<string, string>> => {
  const text = await readFile(FILE, 'utf8').catch(() => '{"rows":[],"cells":{}}')
  const { rows, cells } = keptMatrix.parse(JSON.parse(text))
  return new Map(rows.join('\n') === rowsOf(steps).join('\n') ? Object.entries(cells) : [])
}

const write = async (file: string, content: unknown): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(`${file}.new`, JSON.stringify(content))
  await rename(`${file}.new`, file)
}

/** Keeps them for the next run. */
export const keep = (steps: readonly Step[], outcomes: ReadonlyMap<string, string>): Promise<void> =>
  write(FILE, { rows: rowsOf(steps), cells: Object.fromEntries(outcomes) })

/** The launches of other hosts and VMMs that a run before has made. */
export const readKeptConditions = async (): Promise<Map<string, string>> => {
  const text = await readFile(CONDITIONS_FILE, 'utf8').catch(() => '{}')
  return new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(text))))
}

export const keepConditions = (outcomes: ReadonlyMap<string, string>): Promise<void> =>
  write(CONDITIONS_FILE, Object.fromEntries(outcomes))
