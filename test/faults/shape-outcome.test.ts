import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isFaulty } from './cell-outcome.ts'
import type { SeenCell } from './cell-outcome.ts'
import { seenCell, vcpuLine } from './sample-cell.ts'
import { LAUNCH_SHAPES } from './launch-shape.ts'
import { shapeOutcome } from './shape-outcome.ts'

const outcome = (seen: Partial<SeenCell>, shape: keyof typeof LAUNCH_SHAPES = 'reset'): string =>
  shapeOutcome(seenCell(seen), LAUNCH_SHAPES[shape])

describe('the outcome of a launch of some shape with a fault', () => {
  it('is refused only where the second VM was, with EINVAL', () => {
    const printed = (init: number): string => `${vcpuLine(0, 0)}\n${vcpuLine(1, init)}`
    assert.equal(outcome({ exitCode: 1, stdout: printed(-22) }, 'two VMs'), 'refused')
    assert.ok(isFaulty(outcome({ exitCode: 1, stdout: printed(-22) }, 'snapshot restore')))
    assert.ok(isFaulty(outcome({ exitCode: 1, stdout: printed(-38) }, 'two VMs')))
  })

  it('is refused where another tracer has the VMM when a later vCPU needs levelling', () => {
    const printed = `${vcpuLine(0, 0)}\n${vcpuLine(1, -5)}`
    assert.equal(outcome({ fault: 'trace-vmm', exitCode: 1, stdout: printed }, 'snapshot restore'), 'refused')
    assert.ok(isFaulty(outcome({ fault: 'freeze-vmm', exitCode: 1, stdout: printed }, 'snapshot restore')))
    // A reset needs no stop.
    assert.ok(isFaulty(outcome({ fault: 'trace-vmm', exitCode: 1, stdout: printed }, 'reset')))
  })

  it('is faulty where a vCPU of any VM shows what the plan hides', () => {
    assert.equal(
      outcome({ stdout: `${vcpuLine(0, 0)}\n${vcpuLine(1, 0, '0x1000000000000011')}` }),
      'UNMASKED',
    )
  })

  it('is faulty where the VMM is killed after a guest has run, and not before', () => {
    assert.ok(isFaulty(outcome({ exitCode: 137, stdout: vcpuLine(0, 0) })))
    assert.equal(outcome({ exitCode: 137 }), 'ended with its supervisor')
  })

  it('is none where the fault did not happen', () => {
    assert.equal(outcome({ at: undefined, stdout: vcpuLine(0, 0) }), 'not reached')
  })
})
