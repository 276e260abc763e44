import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { isFaulty } from '../../faults/cell-outcome.ts'
import { FAULT_CONDITIONS } from '../../faults/condition-table.ts'
import { callAt } from '../../faults/fill-condition-cells.ts'
import { LAUNCH_SHAPE_NAMES, LAUNCH_SHAPES } from '../../faults/launch-shape.ts'
import { callsOfShape, shapeWithFault } from '../../faults/shape-launch.ts'
import { shapeOutcome } from '../../faults/shape-outcome.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

/** Under these every launch can be tried on a host that others share. */
const CONDITIONS = FAULT_CONDITIONS.filter((name) => name !== 'as root where the kernel is locked down')

/** A sample of what `make faults` does: another shape for each condition. */
const SAMPLE = CONDITIONS.map((condition, index) => {
  const shape = LAUNCH_SHAPE_NAMES[(index + 1) % LAUNCH_SHAPE_NAMES.length]
  assert.ok(shape !== undefined)
  return { condition, shape }
})

describe('a fault of a supervisor that sees less of its host', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'fault-conditions', LEVELLED_PLAN)
  })

  for (const [index, which] of SAMPLE.entries())
    it(`leaves no VM unmasked, hung or killed that has run: ${which.shape}, ${which.condition}`, async (context) => {
      const { calls, printed: followed } = await callsOfShape(host, plan, which)
      assert.ok(calls > 10, followed)
      const number = callAt(calls, SAMPLE.length - 1 - index, SAMPLE.length)
      const { seen, printed } = await shapeWithFault(host, plan, which, `kill-supervisor:${number}`)
      const outcome = shapeOutcome(seen, LAUNCH_SHAPES[which.shape])
      context.diagnostic(`killed before call ${number} of ${calls}: ${outcome}`)
      assert.ok(!isFaulty(outcome), `${outcome}\n${printed}`)
    })
})
