import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PredictedVcpu } from '../../../test/doubles/predicted-vcpu.ts'
import { classOf, fixtureHost, fixtureHosts } from '../../../test/fixtures/host-documents.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { Plan } from '../../api/plan.ts'
import type { Errno } from '../../linux/abi/errno.ts'
import { compileProfile } from '../../profile/compile-profile.ts'
import { plannedTrial } from './planned-trial.ts'
import { levelScratchVcpu, tryPlan, type Tried } from './try-plan.ts'

const V1 = fixtureHost('neoverse-v1-6.18')

const plannedOn = (host: HostDocument, spec: Plan) => {
  const planned = plannedTrial({ metadata: { name: 'unnamed' }, spec }, host)
  assert.ok(planned.kind === 'try')
  return planned
}

const tried = (host: HostDocument, spec: Plan, refused: Readonly<Record<string, Errno>> = {}) => {
  const { policy, configuration } = plannedOn(host, spec)
  const vcpu = new PredictedVcpu(host, configuration, refused)
  const result: Tried = levelScratchVcpu(vcpu, policy, configuration.vcpuFeatures.includes('sve'))
  return { result, writes: vcpu.writes }
}

/** RNDR lowered, and a field as the host has it. */
const LOWERED = samplePlan({
  registers: [
    { register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0x0' },
    { register: 'ID_AA64PFR0_EL1', mask: '0xf', value: '0x2' },
  ],
})

const compiledFor = (host: HostDocument): Plan | undefined => {
  const spec = cpuFeatureProfileSpec.parse({ base: { nodes: {} }, implementation: { midr: 'FromBaseline' } })
  const result = compileProfile({ spec, hosts: [classOf(host)] })
  return result.kind === 'compiled' ? result.plan : undefined
}

describe('a trial of a plan on a scratch vCPU', () => {
  it('passes where KVM does what the engine predicts, on every host of the fixtures', () => {
    let count = 0
    for (const [name, host] of fixtureHosts()) {
      const plan = compiledFor(host)
      if (
        plan === undefined ||
        plannedTrial({ metadata: { name: 'unnamed' }, spec: plan }, host).kind !== 'try'
      )
        continue
      assert.deepEqual(tried(host, plan).result, { kind: 'applied' }, name)
      count += 1
    }
    assert.ok(count > 8, `${count} hosts`)
  })

  it('writes what a launch writes: the registers that differ', () => {
    assert.deepEqual(tried(V1, LOWERED), { result: { kind: 'applied' }, writes: ['ID_AA64ISAR0_EL1'] })
  })

  it('names the fields that KVM refuses, with what the vCPU shows and the errno', () => {
    const { result } = tried(V1, LOWERED, { ID_AA64ISAR0_EL1: 'EINVAL' })
    assert.deepEqual(result, {
      kind: 'refused',
      places: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDR', wanted: '0', shown: '1', errno: 'EINVAL' }],
    })
  })

  it('names the SVE vector lengths that KVM refuses', () => {
    const plan = samplePlan({ vcpuFeatures: { sve: 'Required' }, sveVectorLengths: [128, 256] })
    assert.deepEqual(tried(V1, plan).result, {
      kind: 'refused',
      places: [{ register: 'KVM_REG_ARM64_SVE_VLS', wanted: '128,256', errno: 'EINVAL' }],
    })
  })

  it('says that nothing is known where KVM cannot be opened', () => {
    const failed = tryPlan(plannedOn(V1, LOWERED), '/dev/no-such-device')
    assert.deepEqual(failed, { kind: 'failed', why: 'open /dev/no-such-device: ENOENT' })
  })
})
