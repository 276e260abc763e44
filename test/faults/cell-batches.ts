import type { Cell } from './fault.ts'

/** Launches that share a supervisor: more would be lost where one of them ends it. */
const MOST = 20

/** Cells in batches that one supervisor each can serve; a supervisor that is killed serves one only. */
export const cellBatches = (cells: readonly Cell[]): Cell[][] => {
  const alone = cells.filter(({ fault }) => fault === 'kill-supervisor')
  const shared = cells.filter(({ fault }) => fault !== 'kill-supervisor')
  const batches = Array.from({ length: Math.ceil(shared.length / MOST) }, (_, index) =>
    shared.slice(index * MOST, (index + 1) * MOST),
  )
  return [...batches, ...alone.map((cell) => [cell])]
}
