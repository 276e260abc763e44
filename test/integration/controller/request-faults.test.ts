import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { builtBundle } from '../../harness/product-bundle.ts'
import { unlistedRequests } from '../../controller-faults/audit-log.ts'
import { cellName, type Cell } from '../../controller-faults/cell.ts'
import { isDefect } from '../../controller-faults/cell-outcome.ts'
import { FaultCluster } from '../../controller-faults/fault-cluster.ts'
import { cellsOf } from '../../controller-faults/fault-table.ts'
import { listedRequests } from '../../controller-faults/listed-requests.ts'
import { rehearsedRows } from '../../controller-faults/rehearsed-rows.ts'
import { rehearse, runCell, type Rehearsal } from '../../controller-faults/run-cell.ts'
import { SCENARIO_NAMES, type ScenarioName } from '../../controller-faults/scenarios.ts'

/** How many cells of the table one run makes. */
const CELLS = 4

/** Another sample for each state of the product, and the same for the same. */
const sampleOf = async (cells: readonly Cell[]): Promise<Cell[]> => {
  const state = createHash('sha256').update(await readFile(builtBundle()))
  const start = state.digest().readUInt32BE() % cells.length
  // A stride, so that the sample has several requests and several faults.
  const stride = Math.floor(cells.length / CELLS) + 1
  return Array.from({ length: CELLS }, (_, index) => cells[(start + index * stride) % cells.length]).filter(
    (cell) => cell !== undefined,
  )
}

describe('the controller under faults at its requests (a sample of make controller-faults)', () => {
  let cluster: FaultCluster
  let scenario: ScenarioName
  let rehearsal: Rehearsal
  const audited: string[] = []

  before(async () => {
    cluster = await FaultCluster.start()
    const state = createHash('sha256')
      .update('scenario')
      .update(await readFile(builtBundle()))
    scenario = SCENARIO_NAMES[state.digest().readUInt32BE() % SCENARIO_NAMES.length] ?? 'pod-pinned'
    rehearsal = await rehearse(cluster, scenario)
    audited.push(...(await cluster.auditedForms()))
  })

  after(() => cluster.stop())

  it('comes to the same end state with each fault', async () => {
    const cells = await sampleOf(cellsOf({ [scenario]: rehearsedRows([rehearsal.requests]) }))
    for (const cell of cells) {
      const outcome = await runCell(cluster, cell, rehearsal.end)
      console.log(`${cellName(cell)}: ${outcome}`)
      // A request that depends on what comes first does not come in each run; make controller-faults tries again.
      assert.ok(!isDefect(outcome) || outcome === 'not reached', `${cellName(cell)}: ${outcome}`)
      audited.push(...(await cluster.auditedForms()))
    }
  })

  it('makes no request that is not in the table', async () => {
    // Run `make controller-faults` if there is a new one: the table must have it.
    assert.deepEqual(unlistedRequests(audited, await listedRequests()), [])
    assert.ok(audited.length > 0)
  })
})
