import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../../../test/fixtures/host-documents.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import type { Plan } from '../../api/plan.ts'
import { revisionName } from '../../plan/revision-name.ts'
import { plannedTrial } from './planned-trial.ts'

const V1 = fixtureHost('neoverse-v1-6.18')
const N1 = fixtureHost('neoverse-n1-6.18')

const revision = (spec: Plan, name = revisionName('fleet', spec)) => ({ metadata: { name }, spec })

describe('a revision', () => {
  it('is tried where it should fit, with the vCPU features that it requires and no other', () => {
    const spec = samplePlan({
      registers: [{ register: 'ID_AA64PFR0_EL1', mask: '0xf00000000', value: '0x100000000' }],
      vcpuFeatures: { sve: 'Required', pmu: 'Allowed' },
    })
    const planned = plannedTrial(revision(spec), V1)
    assert.ok(planned.kind === 'try')
    assert.deepEqual(planned.configuration, { vcpuFeatures: ['sve'], implementationId: false })
    assert.deepEqual(
      planned.policy.registers.filter(({ mask }) => mask !== 0n).map(({ name }) => name),
      ['ID_AA64PFR0_EL1'],
    )
  })

  it('is tried with a writable implementation ID where it shows another one', () => {
    const planned = plannedTrial(revision(samplePlan({ implementation: { midr: '0x410fd0c1' } })), V1)
    assert.ok(planned.kind === 'try')
    assert.equal(planned.configuration.implementationId, true)
  })

  it('is not tried where it should not fit', () => {
    const spec = samplePlan({ vcpuFeatures: { sve: 'Required' } })
    assert.deepEqual(plannedTrial(revision(spec), N1), { kind: 'unfit' })
  })

  it('is not tried if it is not what its name says, or names what this version does not know', () => {
    const altered = revision(samplePlan(), revisionName('fleet', samplePlan({ enforcement: 'BestEffort' })))
    assert.deepEqual(plannedTrial(altered, V1), { kind: 'unreadable', reasons: ['RevisionAltered'] })
    const newer = revision({ ...samplePlan(), ...{ topology: 'Flat' } })
    assert.deepEqual(plannedTrial(newer, V1), { kind: 'unreadable', reasons: ['UnknownRegister'] })
  })
})
