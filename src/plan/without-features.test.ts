import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resolvedPlan } from '../../test/fixtures/resolved-plan.ts'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import { levelled } from './level.ts'
import { withoutFeatures } from './without-features.ts'

const DFR0 = 'ID_AA64DFR0_EL1'
const PMU_VER = 0xfn << 8n

describe('a plan that requires the PMU', () => {
  const { registers } = resolvedPlan(
    samplePlan({
      vcpuFeatures: { pmu: 'Required', sve: 'Required' },
      registers: [{ register: DFR0, mask: '0xf0f', value: '0x506' }],
    }),
  )
  const view = new Map([[DFR0, 0x9n]])

  it('raises its field on a vCPU that is to have it', () => {
    assert.equal(levelled(registers, view).get(DFR0), 0x506n)
  })

  it('says nothing of that field for the vCPU that QEMU makes with SVE alone, and the rest as ever', () => {
    const without = withoutFeatures(registers, ['pmu'])
    assert.equal(levelled(without, view).get(DFR0), 0x6n)
    assert.equal((without.find(({ name }) => name === DFR0)?.mask ?? PMU_VER) & PMU_VER, 0n)
    assert.deepEqual(withoutFeatures(registers, []), registers)
  })
})
