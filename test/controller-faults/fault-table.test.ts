import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellName } from './cell.ts'
import { FAULT_NAMES } from './controller-fault.ts'
import { cellsOf, faultReport, withFaultReport } from './fault-table.ts'
import { rehearsedRows } from './rehearsed-rows.ts'

const ROWS = { 'pod-pinned': ['patch pods vm', 'create events about vm'] }

describe('the table of faults at requests of the controller', () => {
  it('has the requests that come in each rehearsal, and one row for all policies', () => {
    const runs = [
      ['get policies *', 'get policies * #2', 'patch b', 'patch a', 'patch a #2'],
      ['get policies *', 'patch a', 'patch b', 'get policies * #2'],
    ]
    assert.deepEqual(rehearsedRows(runs), ['get policies *', 'patch b', 'patch a'])
  })

  it('has a cell for each fault at each request', () => {
    const cells = cellsOf(ROWS)
    assert.equal(cells.length, 2 * FAULT_NAMES.length)
    assert.equal(new Set(cells.map(cellName)).size, cells.length)
  })

  it('shows each outcome in its place, counts them, and says what is missing', () => {
    const [first, second] = cellsOf(ROWS)
    assert.ok(first !== undefined && second !== undefined)
    const outcomes = new Map([
      [cellName(first), 'same'],
      [cellName(second), 'DIFFERS: Pod vm.gates'],
    ])
    const report = faultReport(ROWS, outcomes)
    assert.match(report, /\| `patch pods vm` \| same \| DIFFERS: Pod vm\.gates \| not tried yet \|/)
    assert.match(
      report,
      /^20 cells: 10 faults at each of 2 requests\. 18 of them were not tried yet\. Outcomes that are bugs: 1\.$/m,
    )
    assert.match(report, /^\| not tried yet \| 18 \|$/m)
  })

  it('replaces the report of a page, and leaves what stands before it', () => {
    const page = withFaultReport('# Page\n\n<!-- made by make controller-faults -->\n\nold\n', 'new')
    assert.equal(page, '# Page\n\n<!-- made by make controller-faults -->\n\nnew\n')
    assert.throws(() => withFaultReport('# Page\n', 'new'), /lacks/)
  })
})
