import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { cellBatches } from '../../faults/cell-batches.ts'
import { isFaulty, outcomeOf } from '../../faults/cell-outcome.ts'
import { cellName, FAULT_NAMES } from '../../faults/fault.ts'
import type { Cell } from '../../faults/fault.ts'
import { faultyLaunch, stepsOfLaunch } from '../../faults/faulty-launches.ts'
import type { Step } from '../../faults/launch-steps.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

/** A sample of what `make faults` does for every call: two calls a fault, and no two faults at the same ones. */
const sampleOf = (steps: readonly Step[]): Cell[] =>
  FAULT_NAMES.flatMap((fault, index) =>
    [0, 1].map((half) => {
      const place = (half + (index + 0.5) / FAULT_NAMES.length) / 2
      return { fault, number: 1 + Math.floor(place * steps.length) }
    }),
  )

describe('a fault between two system calls of a supervisor', () => {
  let host: HostAccess
  let plan: string
  let steps: readonly Step[]
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'faults', LEVELLED_PLAN)
    steps = await stepsOfLaunch(host, plan)
    assert.ok(steps.length > 20, `${steps.length} calls in a launch`)
  })

  it('never leaves a VM hanging, stopped or unmasked', async (context) => {
    const cells = sampleOf(steps)
    const outcomes = new Map<string, string>()
    for (const batch of cellBatches(cells)) {
      const { seen, printed } = await faultyLaunch(host, plan, batch)
      for (const one of seen) outcomes.set(cellName(one), outcomeOf(one, steps[one.number - 1]?.call ?? ''))
      assert.ok(![...outcomes.values()].some(isFaulty), `${JSON.stringify([...outcomes])}\n${printed}`)
    }
    context.diagnostic(JSON.stringify([...outcomes]))
    assert.deepEqual([...outcomes.keys()].toSorted(), cells.map(cellName).toSorted())
  })

  it('is in docs/faults.md for every call, with no outcome that is a fault of ours', async () => {
    const page = await readFile(join(LAB_PATHS.root, 'docs/faults.md'), 'utf8')
    const lines = page
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => cells.includes('kill-supervisor') || /^\d+$/.test(cells[1] ?? ''))
    const [head = [], ...rows] = lines.slice(
      lines.findLastIndex((cells) => cells.includes('kill-supervisor')),
    )
    const faults = FAULT_NAMES.filter((fault) => head.includes(fault))
    const done = faults.length === FAULT_NAMES.length ? faults : ['kill-supervisor']
    assert.ok(rows.length > 40, `${rows.length} rows`)
    for (const row of rows)
      for (const fault of faults) {
        const outcome = row[head.indexOf(fault)] ?? ''
        assert.ok(outcome !== '' && !isFaulty(outcome), `${row[1] ?? ''} ${fault}: ${outcome}`)
        assert.ok(outcome !== '?' || !done.includes(fault), `${row[1] ?? ''} ${fault} is not tried`)
      }
  })
})
