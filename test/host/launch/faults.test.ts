import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { isFaulty, outcomeOf } from '../../faults/fault-cell.ts'
import type { Fault } from '../../faults/fault-cell.ts'
import { faultyLaunches, stepsOfLaunch } from '../../faults/faulty-launches.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { labPaths } from '../../harness/lab-paths.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { levelledPlan, putRevision } from './revision-file.ts'

/** A sample of what `make faults` does for every call. */
const SAMPLES: readonly (readonly [fault: Fault, every: number])[] = [
  ['kill-supervisor', 31],
  ['kill-vmm', 11],
  ['stop-vmm', 11],
]

describe('a fault between two system calls of a supervisor', () => {
  let host: HostAccess
  let plan: string
  let count: number
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'faults', levelledPlan)
    count = (await stepsOfLaunch(host, plan)).length
    assert.ok(count > 40, `${count} calls in a launch`)
  })

  for (const [fault, every] of SAMPLES)
    it(`never leaves a VM hanging, stopped or unmasked: ${fault}`, async (context) => {
      const numbers = Array.from({ length: Math.ceil(count / every) }, (_, index) => 1 + index * every)
      const outcomes: string[] = []
      for await (const seen of faultyLaunches(host, plan, { fault, numbers }))
        outcomes.push(`${seen.number} ${outcomeOf(seen)}`)
      context.diagnostic(outcomes.join(', '))
      assert.equal(outcomes.length, numbers.length)
      assert.deepEqual(
        outcomes.filter((one) => isFaulty(one.slice(one.indexOf(' ') + 1))),
        [],
      )
    })

  it('is in docs/faults.md for every call, with no outcome that is a fault of ours', async () => {
    const page = await readFile(join(labPaths.root, 'docs/faults.md'), 'utf8')
    const rows = page
      .split('\n')
      .filter((line) => /^\| +\d+ +\|/.test(line))
      .map((line) => line.split('|').map((cell) => cell.trim()))
    assert.ok(rows.length > 40, `${rows.length} rows`)
    for (const cells of rows.map((row) => row.slice(3, -1))) {
      assert.equal(cells.length, 3)
      assert.ok(cells.every((cell) => cell !== '' && !isFaulty(cell)))
      assert.notEqual(cells[0], '?')
    }
  })
})
