import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Plan } from '../../api/plan.ts'
import { FRESH_PROCESS } from '../../../test/fixtures/sample-situation.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import type { CalledVcpu, CallSituation } from './call-situation.ts'
import { launchPolicy, type LaunchPolicy } from './launch-policy.ts'
import type { NotifiedCall } from './notified-call.ts'
import { onNotification, type Answer } from './on-notification.ts'

const policyOf = (changes: Partial<Plan> = {}): LaunchPolicy => {
  const result = launchPolicy(
    samplePlan({ registers: [{ register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x2' }], ...changes }),
  )
  assert.ok(result.kind === 'policy')
  return result.policy
}
const EXCLUDE = { exclude: ['0x603000000013c103'] }
const CLIDR = { register: 'CLIDR_EL1', mask: '0xffffffffffffffff', value: '0xa200023' }

const strict = policyOf({ vcpuFeatures: { sve: 'Disabled' } })
const bestEffort = policyOf({ vcpuFeatures: { sve: 'Disabled' }, enforcement: 'BestEffort' })
const withLists = policyOf({ registerList: EXCLUDE })
const withListsBestEffort = policyOf({ registerList: EXCLUDE, enforcement: 'BestEffort' })
const withLengths = policyOf({ sveVectorLengths: [128] })
const withClidr = policyOf({ registers: [CLIDR] })
const withMidr = policyOf({ implementation: { midr: '0x413fd0c1' } })

const withPmu = policyOf({ vcpuFeatures: { pmu: 'Required' } })
const withPmuBestEffort = policyOf({ vcpuFeatures: { pmu: 'Required' }, enforcement: 'BestEffort' })

const RUNNING = { ...FRESH_PROCESS, mayHaveRun: true }
const OLD_KERNEL = { ...FRESH_PROCESS, host: { ipaBits: 48, keepsClidr: false } }
const vcpu = (changes: Partial<Extract<CalledVcpu, { readonly kind: 'vcpu' }>>): CalledVcpu => ({
  kind: 'vcpu',
  state: 'none',
  vm: 'none',
  label: 0,
  ...changes,
})
const of = (called: CalledVcpu, situation: CallSituation = FRESH_PROCESS): CallSituation => ({
  ...situation,
  vcpu: called,
})
const LACKING = of(vcpu({ state: 'lacking' }))
const JOINING = of(vcpu({ vm: 'levelled' }), RUNNING)

const CREATE: NotifiedCall = { kind: 'create-vm' }
const INIT: NotifiedCall = { kind: 'vcpu-init', fd: 16, argument: 0x1000n }
const FINALIZE: NotifiedCall = { kind: 'vcpu-finalize', fd: 16, argument: 0x1000n }
const LIST: NotifiedCall = { kind: 'get-reg-list', fd: 16, argument: 0x1000n }
const capability = (number: number): NotifiedCall => ({ kind: 'check-extension', capability: number })

type Case = readonly [string, LaunchPolicy, CallSituation, NotifiedCall, expected: string]

/** An answer in a word, with what is left behind and why. */
const told = (answer: Answer): string => {
  if (answer.kind === 'return') return `return ${answer.value}`
  if (answer.kind === 'refuse') return answer.refused.reason
  if (answer.kind !== 'resume') return answer.kind
  const { mark, losesSight, refused } = answer
  return ['resume', mark, losesSight && 'loses sight', refused?.reason].filter(Boolean).join(' ')
}

const CASES: readonly Case[] = [
  ['lets a VM be made without a stop', strict, FRESH_PROCESS, CREATE, 'resume'],
  ['makes a VM whose implementation ID can be written', withMidr, FRESH_PROCESS, CREATE, 'intervene'],
  ['lets a process with a running VM make another', withMidr, RUNNING, CREATE, 'resume'],
  ['levels the vCPUs of a fresh process', strict, FRESH_PROCESS, INIT, 'intervene'],
  ['lets a vCPU be reset that runs', strict, of(vcpu({ state: 'levelled' }), RUNNING), INIT, 'resume'],
  ['lets a vCPU join a levelled VM that runs', strict, JOINING, INIT, 'resume levelled'],
  ['names what only a stop could give it', withClidr, JOINING, INIT, 'LateVcpuNotLevelled'],
  ['takes unknown features to be all', withLengths, JOINING, INIT, 'LateVcpuNotLevelled'],
  [
    'gives no lengths to a VM without SVE',
    withLengths,
    { ...JOINING, features: [2] },
    INIT,
    'resume levelled',
  ],
  ['names lengths of a VM with SVE', withLengths, { ...JOINING, features: [4] }, INIT, 'LateVcpuNotLevelled'],
  ['refuses a second VM while one runs', strict, RUNNING, INIT, 'ProcessHasRunningVm'],
  [
    'lets and reports it under BestEffort',
    bestEffort,
    RUNNING,
    INIT,
    'resume unlevelled ProcessHasRunningVm',
  ],
  ['levels what it cannot look at', strict, of({ kind: 'unresolvable' }), INIT, 'intervene'],
  ['or refuses it by name', strict, of({ kind: 'unresolvable' }, RUNNING), INIT, 'VcpuNotSeen'],
  [
    'or reports it, and knows that it may run',
    bestEffort,
    of({ kind: 'unresolvable' }, RUNNING),
    INIT,
    'resume loses sight VcpuNotSeen',
  ],
  ['lets KVM answer for what is no vCPU', strict, of({ kind: 'none' }, RUNNING), INIT, 'resume'],
  ['refuses CLIDR_EL1 where the kernel takes it back', withClidr, OLD_KERNEL, INIT, 'KernelTooOld'],
  ['which matters to no other plan', strict, OLD_KERNEL, INIT, 'intervene'],
  ['finalises no SVE where there is none', strict, RUNNING, FINALIZE, 'finalize-without-sve'],
  ['nor under BestEffort', bestEffort, { ...RUNNING, features: [2] }, FINALIZE, 'finalize-without-sve'],
  ['finalises what a VM has under BestEffort', bestEffort, { ...RUNNING, features: [4] }, FINALIZE, 'resume'],
  ['or may have', bestEffort, RUNNING, FINALIZE, 'resume'],
  [
    'knows that lengths last once they are finalised',
    withLengths,
    of(vcpu({ state: 'lengths-pending' }), RUNNING),
    FINALIZE,
    'finalize-lengths',
  ],
  ['and lets other vCPUs be finalised', withLengths, FRESH_PROCESS, FINALIZE, 'resume'],
  [
    'finalises none that lacks what it should have asked for',
    withPmu,
    LACKING,
    FINALIZE,
    'VcpuFeatureNotAsked',
  ],
  [
    'or reports that it lacks it',
    withPmuBestEffort,
    { ...LACKING, features: [4] },
    FINALIZE,
    'resume unlevelled VcpuFeatureNotAsked',
  ],
  ['levels it again where it is INITed again', withPmu, LACKING, INIT, 'intervene'],
  ['takes the list of a vCPU with SVE', withLists, FRESH_PROCESS, FINALIZE, 'intervene'],
  ['takes none where a VM may have run', withLists, RUNNING, FINALIZE, 'resume'],
  ['nor where one is kept', withLists, { ...FRESH_PROCESS, registerList: [1n] }, FINALIZE, 'resume'],
  ['takes the register list where none was kept', withLists, FRESH_PROCESS, LIST, 'intervene'],
  ['gives what was kept', withLists, { ...RUNNING, registerList: [1n] }, LIST, 'give-register-list'],
  ['fails one that cannot be taken any more', withLists, RUNNING, LIST, 'RegisterListLost'],
  ['or gives KVM’s under BestEffort', withListsBestEffort, RUNNING, LIST, 'resume RegisterListLost'],
  ['lets KVM list what the plan leaves', strict, RUNNING, LIST, 'resume'],
  ['answers 0 for what is hidden', strict, FRESH_PROCESS, capability(170), 'return 0'],
  ['lets KVM answer for other capabilities', strict, FRESH_PROCESS, capability(171), 'resume'],
  ['answers the IPA size of the plan', strict, FRESH_PROCESS, capability(165), 'return 40'],
  [
    'lets KVM answer the IPA size where the host has no more',
    strict,
    { ...FRESH_PROCESS, host: { ipaBits: 40, keepsClidr: true } },
    capability(165),
    'resume',
  ],
  [
    'answers the IPA size of the plan where the host could not be asked',
    strict,
    { ...FRESH_PROCESS, host: { ipaBits: 0, keepsClidr: true } },
    capability(165),
    'return 40',
  ],
  ['lets what it does not know go on', strict, RUNNING, { kind: 'other' }, 'resume'],
]

const POLICIES = [
  strict,
  bestEffort,
  withLists,
  withListsBestEffort,
  withLengths,
  withClidr,
  withMidr,
  withPmu,
]

describe('onNotification', () => {
  for (const [name, policy, situation, call, expected] of CASES)
    it(`${name}: ${expected}`, () => {
      assert.equal(told(onNotification(policy, situation, call)), expected)
    })

  it('never stops a thread of a process in which a VM may have run', () => {
    const states = ['none', 'begun', 'levelled', 'lengths-pending', 'lacking', 'unlevelled'] as const
    const vms = ['none', 'levelled', 'unlevelled'] as const
    const called: CalledVcpu[] = [
      ...states.flatMap((state) => vms.map((vm) => vcpu({ state, vm }))),
      { kind: 'unresolvable' },
      { kind: 'none' },
    ]
    const kinds = POLICIES.flatMap((policy) =>
      called.flatMap((one) =>
        [CREATE, INIT, FINALIZE, LIST].map((call) => onNotification(policy, of(one, RUNNING), call).kind),
      ),
    )
    assert.equal(kinds.length, 8 * 20 * 4)
    assert.ok(!kinds.includes('intervene'))
  })
})

describe('a filter that notifies more than the plan needs', () => {
  const plain = policyOf({ registers: [] })
  for (const call of [CREATE, FINALIZE, LIST, capability(165), capability(170), capability(205)])
    for (const situation of [FRESH_PROCESS, RUNNING, of({ kind: 'unresolvable' }, RUNNING)])
      it(`lets ${call.kind} go on as if it were not notified, ${situation.mayHaveRun ? 'where a VM runs' : 'at first'}`, () => {
        assert.deepEqual(onNotification(plain, situation, call), { kind: 'resume' })
      })
})
