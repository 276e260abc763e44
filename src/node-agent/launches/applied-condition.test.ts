import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { refusal } from '../../catalogue/refusal-reasons.ts'
import type { LaunchRecord } from '../../launch/record/launch-record.ts'
import { appliedCondition, mostUrgent } from './applied-condition.ts'
import { appliedProof } from './applied-proof.ts'
import type { ContainerNews } from './container-news.ts'

const record = (overrides: Partial<LaunchRecord> = {}): LaunchRecord => ({
  formatVersion: 1,
  outcome: 'applied',
  enforcement: 'Strict',
  process: { pid: 12, command: 'qemu-system-aarch64 -M virt' },
  vms: 2,
  vcpus: 3,
  planned: ['ID_AA64ISAR0_EL1', 'CLIDR_EL1'],
  hidden: ['KVM_CAP_ARM_SVE'],
  registers: [
    {
      register: 'ID_AA64ISAR0_EL1',
      wanted: '0x1',
      before: '0x2',
      kept: '0x1',
      fields: [{ field: 'AES', wanted: '0', before: '1', kept: '0' }],
    },
  ],
  refused: [],
  calls: [],
  steps: [],
  ...overrides,
})

const launch = (overrides: Partial<LaunchRecord>): ContainerNews => ({
  kind: 'launch',
  revision: 'fleet-1',
  moment: 'verified',
  record: record(overrides),
})

const of = (news: ContainerNews) => {
  const condition = appliedCondition('vm', news)
  return condition === undefined ? undefined : `${condition.status} ${condition.reason}`
}

const CASES: Record<string, readonly [ContainerNews, string | undefined]> = {
  'is True once a VM has run': [launch({ ran: 12 }), 'True LaunchApplied'],
  'is True where nothing had to be written': [
    launch({ ran: 12, outcome: 'not-needed' }),
    'True LaunchApplied',
  ],
  'says nothing of VMs that never run: a management tool probes KVM': [launch({}), undefined],
  'says nothing of a container without a VM': [launch({ outcome: 'no-vm' }), undefined],
  'is False where the launch was refused': [launch({ outcome: 'refused' }), 'False LaunchRefused'],
  'is False where KVM shows something else': [
    launch({ ran: 12, outcome: 'different' }),
    'False LaunchDiffers',
  ],
  'is False where a part was applied': [
    launch({ ran: 12, outcome: 'partly-applied' }),
    'False LaunchPartlyApplied',
  ],
  'is False where the pod was never pinned': [
    { kind: 'refused', reason: 'NotPinned', detail: 'profile fleet' },
    'False NotPinned',
  ],
  'is False where the break-glass let it pass': [{ kind: 'passed', why: 'break-glass' }, 'False NotLevelled'],
  'says nothing of a pod without a profile': [{ kind: 'passed', why: 'unlabelled' }, undefined],
}

describe('the condition Applied', () => {
  for (const [name, [news, expected]] of Object.entries(CASES))
    it(name, () => {
      assert.equal(of(news), expected)
    })

  it('names the field that was refused, and the remedy', () => {
    const refused = refusal({ reason: 'FieldRefused', register: 'ID_AA64ISAR0_EL1', field: 'RNDR' })
    const message = appliedCondition('vm', launch({ outcome: 'refused', refused: [refused] }))?.message ?? ''
    assert.match(message, /fleet-1.*FieldRefused ID_AA64ISAR0_EL1\.RNDR.*cpufeatures check/)
  })

  it('tells the launch that failed, of several', () => {
    const good = appliedCondition('vm', launch({ ran: 12 }))
    const bad = appliedCondition('vm', launch({ outcome: 'refused' }))
    assert.ok(good !== undefined && bad !== undefined)
    assert.equal(mostUrgent([good, bad]), bad)
    assert.equal(mostUrgent([good]), good)
    assert.equal(mostUrgent([]), undefined)
  })
})

describe('the proof of a launch', () => {
  it('has what KVM kept, and no word of verification before debugfs was looked at', () => {
    const proof = appliedProof('vm', 'fleet-1', record())
    assert.deepEqual(proof.kept, { ID_AA64ISAR0_EL1: '0x1' })
    assert.equal(proof.verified, undefined)
  })

  it('names the registers that debugfs showed, and no other', () => {
    const verification = { vms: ['12-9'], different: [], notShown: ['CLIDR_EL1'] }
    assert.deepEqual(appliedProof('vm', 'fleet-1', record({ verification })).verified, ['ID_AA64ISAR0_EL1'])
  })
})
