import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../api/plan.ts'
import { launchPolicy, type LaunchPolicy } from './launch-policy.ts'
import type { NotifiedCall } from './notified-call.ts'
import { onNotification, type ProcessSituation } from './on-notification.ts'
import { FRESH_PROCESS } from '../../../test/fixtures/sample-situation.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'

const policyOf = (
  enforcement: 'Strict' | 'BestEffort',
  changes: Pick<Partial<Plan>, 'vcpuFeatures' | 'registerList'> = { vcpuFeatures: { sve: 'Disabled' } },
): LaunchPolicy => {
  const result = launchPolicy(
    samplePlan({
      enforcement,
      registers: [{ register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x2' }],
      ...changes,
    }),
  )
  assert.ok(result.kind === 'policy')
  return result.policy
}
const strict = policyOf('Strict')
const bestEffort = policyOf('BestEffort')
const withLists = policyOf('Strict', { registerList: { exclude: ['0x603000000013c103'] } })

const RUNNING = { ...FRESH_PROCESS, mayHaveRun: true }
const VCPU_INIT: NotifiedCall = { kind: 'vcpu-init', fd: 16, argument: 0x1000n }
const FINALIZE: NotifiedCall = { kind: 'vcpu-finalize', fd: 16, argument: 0x1000n }
const LIST: NotifiedCall = { kind: 'get-reg-list', fd: 16, argument: 0x1000n }

describe('onNotification', () => {
  const cases: readonly [string, LaunchPolicy, ProcessSituation, NotifiedCall, string][] = [
    ['makes a VM on behalf of a fresh process', strict, FRESH_PROCESS, { kind: 'create-vm' }, 'intervene'],
    ['lets a process with a running VM make another', strict, RUNNING, { kind: 'create-vm' }, 'resume'],
    ['levels the vCPUs of a fresh process', strict, FRESH_PROCESS, VCPU_INIT, 'intervene'],
    [
      'lets a levelled vCPU be reset before its VM runs',
      strict,
      { ...FRESH_PROCESS, isLevelledVcpu: true, hasLevelledVmsOnly: true },
      VCPU_INIT,
      'resume',
    ],
    [
      'levels another vCPU of a levelled VM',
      strict,
      { ...FRESH_PROCESS, hasLevelledVmsOnly: true },
      VCPU_INIT,
      'intervene',
    ],
    [
      'lets a late vCPU in where the VM that was not levelled has gone',
      strict,
      { ...RUNNING, hasUnlevelledVm: true, hasLevelledVmsOnly: true },
      VCPU_INIT,
      'resume',
    ],
    ['lets a vCPU be reset when its VM has run', strict, RUNNING, VCPU_INIT, 'resume'],
    [
      'lets a levelled vCPU be reset when an unlevelled VM was made since',
      strict,
      { ...RUNNING, hasUnlevelledVm: true, isLevelledVcpu: true },
      VCPU_INIT,
      'resume',
    ],
    [
      'fails the first INIT of an unlevelled VM under Strict',
      strict,
      { ...RUNNING, hasUnlevelledVm: true },
      VCPU_INIT,
      'refuse',
    ],
    [
      'lets and reports it under BestEffort',
      bestEffort,
      { ...RUNNING, hasUnlevelledVm: true },
      VCPU_INIT,
      'resume',
    ],
    ['finalises no SVE where there is none', strict, RUNNING, FINALIZE, 'finalize-without-sve'],
    ['nor under BestEffort', bestEffort, RUNNING, FINALIZE, 'finalize-without-sve'],
    [
      'lets SVE be finalised under BestEffort if a vCPU got it',
      bestEffort,
      { ...FRESH_PROCESS, askedForSve: true },
      FINALIZE,
      'resume',
    ],
    [
      'lets SVE be finalised under BestEffort where an INIT was not looked at',
      bestEffort,
      { ...RUNNING, hasUnlevelledVm: true },
      FINALIZE,
      'resume',
    ],
    [
      'takes the register list of a vCPU whose SVE is finalised',
      withLists,
      FRESH_PROCESS,
      FINALIZE,
      'intervene',
    ],
    ['takes none where a VM may have run', withLists, RUNNING, FINALIZE, 'resume'],
    ['takes the register list where none was kept', strict, FRESH_PROCESS, LIST, 'intervene'],
    ['gives the kept register list', strict, { ...RUNNING, registerList: [1n] }, LIST, 'give-register-list'],
    ['fails a register list that cannot be taken any more under Strict', strict, RUNNING, LIST, 'refuse'],
    ['lets what it does not know go on', strict, RUNNING, { kind: 'other' }, 'resume'],
  ]
  for (const [name, policy, situation, call, kind] of cases) {
    it(name, () => {
      assert.equal(onNotification(policy, situation, call).kind, kind)
    })
  }

  it('never stops a thread of a process in which a VM may have run', () => {
    const calls: NotifiedCall[] = [{ kind: 'create-vm' }, VCPU_INIT, FINALIZE, LIST, { kind: 'other' }]
    const situations = Array.from({ length: 16 }, (_, bits) => ({
      ...RUNNING,
      hasUnlevelledVm: (bits & 1) !== 0,
      isLevelledVcpu: (bits & 2) !== 0,
      registerList: (bits & 4) === 0 ? undefined : [1n],
      hasLevelledVmsOnly: (bits & 8) !== 0,
    }))
    const kinds = [strict, bestEffort, withLists].flatMap((policy) =>
      situations.flatMap((situation) => calls.map((call) => onNotification(policy, situation, call).kind)),
    )
    assert.equal(kinds.length, 240)
    assert.ok(!kinds.includes('intervene'))
  })

  it('reports what it lets go on under BestEffort with the reason', () => {
    const answer = onNotification(bestEffort, { ...RUNNING, hasUnlevelledVm: true }, VCPU_INIT)
    assert.equal(answer.kind === 'resume' && answer.finding?.reason, 'ProcessHasRunningVm')
  })

  const answers: readonly [string, number, number, unknown][] = [
    ['lets KVM answer for a capability that is none of ours', 170, 48, { kind: 'resume' }],
    ['answers the IPA size of the plan where the host has more', 165, 48, { kind: 'return', value: 40 }],
    ['lets KVM answer the IPA size where the host has no more', 165, 40, { kind: 'resume' }],
    [
      'answers the IPA size of the plan where the host could not be asked',
      165,
      0,
      { kind: 'return', value: 40 },
    ],
  ]
  for (const [name, capability, hostIpaBits, answer] of answers) {
    it(name, () => {
      const call = { kind: 'check-extension', capability } as const
      assert.deepEqual(onNotification(strict, { ...FRESH_PROCESS, hostIpaBits }, call), answer)
    })
  }
})
