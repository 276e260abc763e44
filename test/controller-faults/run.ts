import { inspect, isDeepStrictEqual, parseArgs } from 'node:util'
import { rewritePage } from '../faults/rewrite-page.ts'
import { progress } from '../harness/progress.ts'
import { unlistedRequests } from './audit-log.ts'
import { cellName, type Cell } from './cell.ts'
import { isDefect, type ClusterSnapshot } from './cell-outcome.ts'
import { FaultCluster } from './fault-cluster.ts'
import { cellsOf, faultReport, withFaultReport } from './fault-table.ts'
import { keep, readKept, type KeptCells } from './kept-cells.ts'
import { listedRequests, writeListedRequests } from './listed-requests.ts'
import { rehearsedRows } from './rehearsed-rows.ts'
import { rehearse, runCell } from './run-cell.ts'
import { SCENARIO_NAMES, type ScenarioName } from './scenarios.ts'

/*
 * node test/controller-faults/run.ts [--fresh] [--only TEXT] (make controller-faults): causes each fault at each request of the
 * controller, in each scenario. What was seen is kept in .lab/controller-faults.json: a run goes on where the last one ended, and makes
 * faulty cells again. --fresh: makes all anew. --only: makes the cells whose name contains TEXT, whether they were made or not. Writes
 * docs/controller-faults.md and requests.txt. Exit code 1 if a cell was not made or is a defect, or if a request is not on the list.
 */

/** Where a request depends on what comes first, it may not come in one run. */
const TRIES = 4
/** Cells wait more than they work. */
const CLUSTER_COUNT = 2

const { values } = parseArgs({
  options: { fresh: { type: 'boolean', default: false }, only: { type: 'string' } },
})

const nothing = (): KeptCells => ({ rows: {}, outcomes: new Map() })

const kept = values.fresh ? nothing() : await readKept()
const listed = values.fresh ? new Set<string>() : await listedRequests()
const ends = new Map<ScenarioName, ClusterSnapshot>()
const PROBLEMS: string[] = []

/** Plays a scenario without a fault, twice if its rows are not known yet. Its requests are those that may come. */
const rehearseOn = async (cluster: FaultCluster, scenario: ScenarioName): Promise<void> => {
  const known = kept.rows[scenario]
  const first = await rehearse(cluster, scenario)
  const runs = known === undefined ? [first, await rehearse(cluster, scenario)] : [first]
  if (runs.some(({ end }) => !isDeepStrictEqual(end, first.end)))
    throw new Error(`${scenario}: two runs without a fault end differently: ${inspect(runs, { depth: 9 })}`)
  ends.set(scenario, first.end)
  const rows = known ?? rehearsedRows(runs.map(({ requests }) => requests))
  kept.rows = { ...kept.rows, [scenario]: rows }
  const audited = await cluster.auditedForms()
  const past = audited.filter((form) => form.startsWith('past the proxy'))
  if (past.length > 0) throw new Error(past.join('\n'))
  for (const form of audited) listed.add(form)
}

const makeCell = async (cluster: FaultCluster, cell: Cell): Promise<string> => {
  const end = ends.get(cell.scenario)
  if (end === undefined) throw new Error(`${cell.scenario} was not rehearsed`)
  let outcome = 'not reached'
  for (let tries = 0; tries < TRIES && outcome === 'not reached'; tries++)
    outcome = await runCell(cluster, cell, end)
  const unlisted = unlistedRequests(await cluster.auditedForms(), listed)
  PROBLEMS.push(...unlisted.map((form) => `${cellName(cell)}: a request that is not on the list: ${form}`))
  return outcome
}

const isAsked = (cell: Cell): boolean => {
  const name = cellName(cell)
  if (values.only !== undefined) return name.includes(values.only)
  const outcome = kept.outcomes.get(name)
  return outcome === undefined || isDefect(outcome)
}

/** A scenario whose cells are all made is not played again. */
const isNeeded = (scenario: ScenarioName): boolean => {
  const requests = kept.rows[scenario]
  return requests === undefined || cellsOf({ [scenario]: requests }).some(isAsked)
}

/** Takes cells from the queue until there are none. What one cell could not do is left to the next run. */
const work = async (cluster: FaultCluster, queue: Cell[]): Promise<void> => {
  for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) {
    const startedAt = performance.now()
    try {
      const outcome = await makeCell(cluster, cell)
      kept.outcomes.set(cellName(cell), outcome)
      await keep(kept)
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      console.log(`${queue.length} left; ${cellName(cell)}: ${outcome} (${seconds} s)`)
    } catch (error) {
      console.log(`${cellName(cell)} could not be made: ${inspect(error)}`)
    }
  }
}

const CLUSTERS: FaultCluster[] = []
try {
  for (let count = 0; count < CLUSTER_COUNT; count++) CLUSTERS.push(await FaultCluster.start())
  const [first] = CLUSTERS
  if (first === undefined) throw new Error('there is no cluster')
  for (const scenario of SCENARIO_NAMES.filter(isNeeded))
    await progress(`${scenario} without a fault`, () => rehearseOn(first, scenario))
  await writeListedRequests(listed)
  const queue = cellsOf(kept.rows).filter(isAsked)
  console.log(`${queue.length} of ${cellsOf(kept.rows).length} cells to make; logs in ${first.folder}`)
  await Promise.all(CLUSTERS.map((cluster) => work(cluster, queue)))
} catch (error) {
  // What was seen before is kept; the next run goes on from there.
  PROBLEMS.push(inspect(error))
}
await Promise.all(CLUSTERS.map((cluster) => cluster.stop()))
await rewritePage(
  (text) => withFaultReport(text, faultReport(kept.rows, kept.outcomes)),
  'controller-faults.md',
)
for (const cell of cellsOf(kept.rows)) {
  const outcome = kept.outcomes.get(cellName(cell)) ?? 'not tried yet'
  if (outcome === 'not tried yet' || isDefect(outcome)) PROBLEMS.push(`${cellName(cell)}: ${outcome}`)
}
for (const problem of PROBLEMS) console.log(problem)
process.exit(PROBLEMS.length === 0 ? 0 : 1)
