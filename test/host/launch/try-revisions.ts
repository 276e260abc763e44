import { readdirSync } from 'node:fs'
import type { Plan } from '../../../src/api/plan.ts'
import type { VcpuFeature } from '../../../src/api/vcpu-feature.ts'
import { probeHost } from '../../../src/discovery/probe-host.ts'
import { launchPolicy } from '../../../src/launch/decide/launch-policy.ts'
import { plannedTrial } from '../../../src/node-agent/trials/planned-trial.ts'
import { tryPlan } from '../../../src/node-agent/trials/try-plan.ts'
import { samplePlan } from '../../fixtures/sample-plan.ts'

// Runs in an emulated host: prints what trials come to, and how many files are open before and after.

/** A trial that no prediction allows. */
const tryAnyway = (plan: Plan, ...vcpuFeatures: VcpuFeature[]) => {
  const result = launchPolicy(plan)
  if (result.kind === 'unusable') throw new Error('the plan has unknown names')
  return tryPlan({
    kind: 'try',
    policy: result.policy,
    configuration: { vcpuFeatures, implementationId: false },
  })
}

const predicted = (plan: Plan) => {
  const result = probeHost()
  if (result.kind !== 'probed') throw new Error(result.message)
  const planned = plannedTrial({ metadata: { name: 'unnamed' }, spec: plan }, result.host)
  return planned.kind === 'try' ? tryPlan(planned) : planned
}

const sve = (...sveVectorLengths: number[]): Plan =>
  samplePlan({ vcpuFeatures: { sve: 'Required' }, sveVectorLengths })

/** Another CPU, a field lowered, and an older PSCI. */
const LEVELLED = samplePlan({
  implementation: { midr: '0x413fd0c1' },
  registers: [{ register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0x0' }],
  firmwareRegisters: [{ register: 'KVM_REG_ARM_PSCI_VERSION', value: '0x10001' }],
  vcpuFeatures: { sve: 'Disabled', pointerAuthentication: 'Disabled' },
})

/** RNDR above what any host has. */
const RAISED = samplePlan({
  registers: [{ register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0xf000000000000000' }],
})

const openFiles = (): number => readdirSync('/proc/self/fd').length

// What a process opens once, it keeps.
predicted(LEVELLED)
const before = openFiles()
const results = {
  levelled: predicted(LEVELLED),
  lengths: predicted(sve(128)),
  raised: tryAnyway(RAISED),
  otherLengths: tryAnyway(sve(256), 'sve'),
  noVcpu: tryAnyway(samplePlan({ vcpuFeatures: { mte: 'Required' } }), 'mte'),
}
console.log(JSON.stringify({ ...results, left: openFiles() - before }))
