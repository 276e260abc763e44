import { parseArgs } from 'node:util'
import { ProgressBar } from '../differential/progress-bar.ts'
import { bootHost } from '../harness/emulated-host.ts'
import { runFolder } from '../harness/lab-paths.ts'
import { LEVELLED_PLAN, putRevision } from '../host/launch/revision-file.ts'
import { isFaulty } from './cell-outcome.ts'
import { conditionCellName, conditionCells, conditionReport } from './condition-table.ts'
import { fillConditionCells } from './fill-condition-cells.ts'
import { withConditionReport } from './fault-table.ts'
import { keepConditions, readKeptConditions } from './kept-matrix.ts'
import { rewritePage } from './rewrite-page.ts'

/*
 * node test/faults/run-conditions.ts [--moments NUMBER] [--only TEXT] [--fresh] (make faults): every fault at so many calls of a launch,
 * 2 if not given, of VMMs of several shapes on hosts of several conditions. What is filled is kept in .lab/fault-conditions.json: a run
 * goes on where the last one ended, unless --fresh. Writes docs/faults.md once all cells are filled. --only fills those whose name has
 * this text. Exit code 1 where some are faulty or not filled.
 */

const { values } = parseArgs({
  options: {
    moments: { type: 'string', default: '2' },
    only: { type: 'string', default: '' },
    fresh: { type: 'boolean', default: false },
  },
})
const cells = conditionCells(Number(values.moments))
const host = await bootHost({ name: 'fault-conditions', cpuModel: 'neoverse-v1', kernel: '6.18' })
try {
  const plan = await putRevision(host, 'faults', LEVELLED_PLAN)
  const outcomes = values.fresh ? new Map<string, string>() : await readKeptConditions()
  const left = cells.filter((cell) => {
    const name = conditionCellName(cell)
    return name.includes(values.only) && !outcomes.has(name)
  })
  console.log(`${left.length} of ${cells.length} launches to make`)
  const bar = new ProgressBar(left.length)
  await fillConditionCells(
    { host, plan, moments: Number(values.moments), folder: runFolder('fault-conditions') },
    left,
    async (cell, outcome) => {
      outcomes.set(conditionCellName(cell), outcome)
      bar.step(`${conditionCellName(cell)} ${outcome}`)
      await keepConditions(outcomes)
    },
  )
  const outcomeOf = (cell: (typeof cells)[number]): string | undefined =>
    outcomes.get(conditionCellName(cell))
  const faulty = cells.filter((cell) => isFaulty(outcomeOf(cell) ?? ''))
  const unfilled = cells.filter((cell) => outcomeOf(cell) === undefined)
  for (const cell of faulty) console.log(`FAULTY ${conditionCellName(cell)}: ${outcomeOf(cell) ?? ''}`)
  if (unfilled.length === 0)
    await rewritePage((text) => withConditionReport(text, conditionReport(cells, outcomes)))
  else console.log(`docs/faults.md is as it was: ${unfilled.length} launches are not made yet`)
  process.exitCode = faulty.length + unfilled.length === 0 ? 0 : 1
} finally {
  await host.stop()
}
