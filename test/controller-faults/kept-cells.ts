import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as z from 'zod'
import { LAB_PATHS } from '../harness/lab-paths.ts'
import type { Rows } from './fault-table.ts'

const FILE = join(LAB_PATHS.lab, 'controller-faults.json')

const keptCells = z.object({
  rows: z.record(z.string(), z.array(z.string())),
  cells: z.record(z.string(), z.string()),
})

export type KeptCells = { rows: Rows; readonly outcomes: Map<string, string> }

/** What runs before have found; nothing if there was none. */
export const readKept = async (): Promise<KeptCells> => {
  const text = await readFile(FILE, 'utf8').catch(() => '{"rows":{},"cells":{}}')
  const { rows, cells } = keptCells.parse(JSON.parse(text))
  return { rows, outcomes: new Map(Object.entries(cells)) }
}

/** Keeps it for the next run. */
export const keep = async ({ rows, outcomes }: KeptCells): Promise<void> => {
  await mkdir(dirname(FILE), { recursive: true })
  await writeFile(`${FILE}.new`, JSON.stringify({ rows, cells: Object.fromEntries(outcomes) }))
  await rename(`${FILE}.new`, FILE)
}
