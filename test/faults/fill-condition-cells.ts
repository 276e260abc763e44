import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostAccess } from '../harness/host-access.ts'
import { isFaulty } from './cell-outcome.ts'
import { conditionCellName } from './condition-table.ts'
import type { ConditionCell } from './condition-table.ts'
import { LAUNCH_SHAPES } from './launch-shape.ts'
import { callsOfShape, shapeWithFault } from './shape-launch.ts'
import { shapeOutcome } from './shape-outcome.ts'

export type ConditionFilling = {
  readonly host: HostAccess
  readonly plan: string
  /** Each launch has so many moments, evenly spaced over the calls of its supervisor. */
  readonly moments: number
  /** Where what a faulty launch printed goes. */
  readonly folder: string
}

/** The number of the call before which a fault happens. */
export const callAt = (calls: number, moment: number, moments: number): number =>
  1 + Math.floor(((moment + 0.5) / moments) * calls)

/** Makes these launches one after the other; one that looks faulty is made again, and is faulty only if it is again. */
export const fillConditionCells = async (
  { host, plan, moments, folder }: ConditionFilling,
  cells: readonly ConditionCell[],
  filled: (cell: ConditionCell, outcome: string) => Promise<void>,
): Promise<void> => {
  const calls = new Map<string, number>()
  const callsOf = async (cell: ConditionCell): Promise<number> => {
    const key = `${cell.condition}/${cell.shape}`
    const known = calls.get(key)
    if (known !== undefined) return known
    const seen = await callsOfShape(host, plan, cell)
    if (seen.calls === 0) throw new Error(`no calls seen of ${key}:\n${seen.printed}`)
    calls.set(key, seen.calls)
    return seen.calls
  }
  const made = async (cell: ConditionCell): Promise<string> => {
    const number = callAt(await callsOf(cell), cell.moment, moments)
    const { seen, printed } = await shapeWithFault(host, plan, cell, `${cell.fault}:${number}`)
    const outcome = shapeOutcome(seen, LAUNCH_SHAPES[cell.shape])
    const file = join(folder, `${conditionCellName(cell).replaceAll(/[^\w]+/g, '-')}.txt`)
    if (isFaulty(outcome)) await writeFile(file, printed, { flag: 'a' })
    return outcome
  }
  for (const cell of cells) {
    const outcome = await made(cell)
    await filled(cell, isFaulty(outcome) ? await made(cell) : outcome)
  }
}
