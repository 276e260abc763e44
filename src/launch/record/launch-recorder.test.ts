import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { launchPolicy, type LaunchPolicy } from '../decide/launch-policy.ts'
import { LaunchRecorder } from './launch-recorder.ts'
import { recorderState } from './recorder-state.ts'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'

const policyOfSample = (): LaunchPolicy => {
  const result = launchPolicy(samplePlan())
  assert.ok(result.kind === 'policy')
  return result.policy
}
const recorder = (): LaunchRecorder => new LaunchRecorder(policyOfSample())
const WRITE = { register: 'ID_AA64ISAR0_EL1', wanted: 0x10n, before: 0x20n, kept: 0x10n }
const fieldRefused = refusal({ reason: 'FieldRefused', register: 'ID_AA64ISAR0_EL1' })
const VERIFICATION = { vms: ['1-2'], different: [], notShown: [] }

describe('LaunchRecorder', () => {
  const outcomes: readonly [string, (launch: LaunchRecorder) => void, string][] = [
    ['no vCPU', () => undefined, 'no-vm'],
    [
      'vCPUs that show the plan as they are',
      (launch) => {
        launch.addVcpu([])
      },
      'not-needed',
    ],
    [
      'an IPA size that was answered',
      (launch) => {
        launch.addVcpu([])
        launch.addAnswer()
      },
      'applied',
    ],
    [
      'a write',
      (launch) => {
        launch.addVcpu([WRITE])
      },
      'applied',
    ],
    [
      'a write that debugfs shows',
      (launch) => {
        launch.addVcpu([WRITE])
        launch.setVerification(VERIFICATION)
      },
      'verified',
    ],
    [
      'a write that debugfs does not show',
      (launch) => {
        launch.addVcpu([WRITE])
        const different = [{ vm: '7-9', register: 'ID_AA64ISAR0_EL1', wanted: '0x10', shown: '0x20' }]
        launch.setVerification({ ...VERIFICATION, different })
      },
      'different',
    ],
    [
      'a refused field that the launch went on without',
      (launch) => {
        launch.addVcpu([WRITE])
        launch.addRefusals([fieldRefused], false)
        launch.setVerification(VERIFICATION)
      },
      'partly-applied',
    ],
    [
      'a refused field that failed the launch',
      (launch) => {
        launch.addVcpu([WRITE])
        launch.addRefusals([fieldRefused], true)
      },
      'refused',
    ],
  ]
  for (const [name, act, outcome] of outcomes) {
    it(`calls ${name} ${outcome}`, () => {
      const launch = recorder()
      act(launch)
      assert.equal(launch.record().outcome, outcome)
    })
  }

  it('calls vCPUs whose VMM is not told of a capability applied, whatever they show', () => {
    const result = launchPolicy(samplePlan({ vcpuFeatures: { sve: 'Disabled' } }))
    assert.ok(result.kind === 'policy')
    const launch = new LaunchRecorder(result.policy)
    launch.addVcpu([])
    assert.equal(launch.record().outcome, 'applied')
    assert.deepEqual(launch.record().hidden, ['KVM_CAP_ARM_SVE'])
  })

  it('names the fields of a write with wanted, before and kept', () => {
    const launch = recorder()
    launch.addVcpu([WRITE])
    assert.deepEqual(launch.record().registers, [
      {
        register: 'ID_AA64ISAR0_EL1',
        wanted: '0x10',
        before: '0x20',
        kept: '0x10',
        fields: [{ field: 'AES', wanted: '1', before: '2', kept: '1' }],
      },
    ])
  })

  it('keeps a repeated refusal once and counts repeated calls', () => {
    const launch = recorder()
    for (let repeat = 0; repeat < 3; repeat++) {
      launch.addRefusals([fieldRefused], false)
      launch.addCall('KVM_CREATE_VM', 'injected')
    }
    assert.equal(launch.record().refused.length, 1)
    assert.deepEqual(launch.record().calls, [{ call: 'KVM_CREATE_VM', answer: 'injected', count: 3 }])
  })

  it('keeps the first refusals of a kind, and says how many it left out', () => {
    const launch = recorder()
    const exited = (thread: number) => refusal({ reason: 'VmmExited', cause: `thread ${thread}` })
    for (let thread = 0; thread < 10_000; thread++) launch.addRefusals([exited(thread)], true)
    launch.addRefusals([fieldRefused], true)
    const { refused, findingsLeftOut, outcome } = launch.record()
    assert.deepEqual(refused[0], exited(0))
    assert.deepEqual(refused.at(-1), fieldRefused)
    assert.equal(refused.length + (findingsLeftOut ?? 0), 10_001)
    assert.ok(JSON.stringify(launch.state()).length < 8192)
    assert.equal(outcome, 'vmm-exited')

    const next = new LaunchRecorder(policyOfSample(), launch.state())
    next.addRefusals([exited(99), exited(0)], true)
    assert.deepEqual(next.record().refused, refused)
    assert.equal(next.record().findingsLeftOut, (findingsLeftOut ?? 0) + 1)
  })

  it('has no refusal that a successor could not read', () => {
    const launch = recorder()
    launch.addRefusals([refusal({ reason: 'StepFailed', cause: 'x'.repeat(1000) })], true)
    assert.ok(recorderState.safeParse(launch.state()).success)
  })
})
