import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { HostAccess } from '../harness/host-access.ts'
import { cellBatches } from './cell-batches.ts'
import { isFaulty, outcomeOf } from './cell-outcome.ts'
import type { Cell } from './fault.ts'
import { cellName } from './fault.ts'
import { faultyLaunch } from './faulty-launches.ts'
import type { Step } from './launch-steps.ts'

/** What a cell came to, and the file of what was seen where it ever looked faulty. */
export type FilledCell = {
  readonly cell: Cell
  readonly outcome: string
  readonly evidence?: string | undefined
}

export type Filling = {
  readonly hosts: readonly HostAccess[]
  readonly plan: string
  readonly steps: readonly Step[]
  /** Where evidence goes. */
  readonly folder: string
  /** Called for each cell, in no order. */
  readonly filled: (cell: FilledCell) => Promise<void>
}

const outcomeAt = (steps: readonly Step[], seen: Parameters<typeof outcomeOf>[0]): string =>
  outcomeOf(seen, steps[seen.number - 1]?.call ?? '')

const keepEvidence = async (folder: string, cell: Cell, printed: string): Promise<string> => {
  const file = join(folder, `${cellName(cell).replace(':', '-')}.txt`)
  await appendFile(file, `${printed}\n`)
  return file
}

/** A cell that looked faulty, by itself: faulty only where it is again. */
const tryAlone = async (
  host: HostAccess,
  { plan, steps, folder }: Filling,
  cell: Cell,
): Promise<FilledCell> => {
  const { seen, printed } = await faultyLaunch(host, plan, [cell])
  const outcome = seen[0] === undefined ? 'no supervisor' : outcomeAt(steps, seen[0])
  return { cell, outcome, evidence: await keepEvidence(folder, cell, printed) }
}

/** Fills all of these cells, on all hosts side by side. */
export const fillCells = async (filling: Filling, cells: readonly Cell[]): Promise<void> => {
  const { plan, steps, folder, filled } = filling
  const batches = cellBatches(cells)
  const serve = async (host: HostAccess): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
      const { seen, printed } = await faultyLaunch(host, plan, batch)
      for (const one of seen) {
        const outcome = outcomeAt(steps, one)
        if (!isFaulty(outcome)) {
          await filled({ cell: one, outcome })
          continue
        }
        await keepEvidence(folder, one, printed)
        await filled(await tryAlone(host, filling, one))
      }
      const rest = batch.slice(seen.length)
      // Where nothing was seen the same would come again.
      if (seen.length > 0) batches.push(...cellBatches(rest))
      else for (const cell of rest) await filled(await tryAlone(host, filling, cell))
    }
  }
  await Promise.all(filling.hosts.map(serve))
}
