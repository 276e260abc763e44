import { describe, it } from 'node:test'
import { IN_ALL, type LaunchOutcome, type LaunchRecord } from '../../src/launch/record/launch-record.ts'
import { REFUSAL_REMEDIES, refusal } from '../../src/catalogue/refusal-reasons.ts'
import type { RefusalReason } from '../../src/catalogue/refusal-reasons.ts'
import {
  LAUNCH_OUTCOMES,
  renderLaunchRecord,
  summarizeLaunch,
} from '../../src/launch/record/render-launch-record.ts'
import { assertGolden } from './golden-file.ts'

const REASONS = Object.keys(REFUSAL_REMEDIES) as RefusalReason[]
const OUTCOMES = Object.keys(LAUNCH_OUTCOMES) as LaunchOutcome[]

const record = (changes: Partial<LaunchRecord>): LaunchRecord => ({
  formatVersion: 1,
  outcome: 'applied',
  enforcement: 'Strict',
  process: { pid: 4711, command: 'qemu-system-aarch64 -M virt -accel kvm -cpu host' },
  vms: 2,
  vcpus: 4,
  planned: ['ID_AA64ISAR0_EL1', 'ID_AA64MMFR2_EL1'],
  hidden: ['KVM_CAP_ARM_SVE', 'KVM_CAP_ARM_PMU_V3'],
  registers: [
    {
      register: 'ID_AA64ISAR0_EL1',
      wanted: '0x11111110212120',
      before: '0x1011111110212120',
      kept: '0x11111110212120',
      fields: [{ field: 'RNDR', wanted: '0', before: '1', kept: '0' }],
    },
  ],
  refused: [],
  calls: [{ call: 'KVM_CHECK_EXTENSION(KVM_CAP_ARM_VM_IPA_SIZE)', answer: 'returns 40', count: 2 }],
  steps: [{ step: IN_ALL, count: 6, microseconds: 5200 }],
  ...changes,
})

const VERIFICATION: NonNullable<LaunchRecord['verification']> = {
  vms: ['4711-16'],
  different: [
    { vm: '4711-16', register: 'ID_AA64ISAR0_EL1', wanted: '0x11111110212120', shown: '0x1011111110212120' },
  ],
  notShown: ['CLIDR_EL1'],
}

const ABOUT_A_FIELD = { register: 'ID_AA64MMFR2_EL1', field: 'IDS', wanted: '0x0', shown: '0x1' }

/** What a refusal is about if not about a field. */
const ABOUT: Partial<Record<RefusalReason, Omit<Parameters<typeof refusal>[0], 'reason'>>> = {
  FeatureMissing: { feature: 'FEAT_AES' },
  VcpuFeatureDisabled: { feature: 'sve', wanted: 'Disabled' },
  VcpuFeatureNotAsked: { feature: 'pmu', wanted: 'Required' },
  UnknownVcpuFeature: { feature: 'features[0] bit 9' },
  RegisterHidden: { register: 'ID_AA64ZFR0_EL1', wanted: '0x0', cause: 'ENOENT' },
  NotTraceable: { cause: 'EPERM' },
  StopTimedOut: { cause: 'thread 4712' },
  LostSupervisor: { cause: 'pid 4711' },
}

/** What a launch of each outcome has beside it. */
const CHANGES: Partial<Record<LaunchOutcome, Partial<LaunchRecord>>> = {
  'no-vm': { process: { pid: 0, command: '' }, vms: 0, vcpus: 0, registers: [] },
  'not-needed': { registers: [] },
  'partly-applied': {
    enforcement: 'BestEffort',
    refused: [refusal({ reason: 'FieldRefused', register: 'ID_AA64MMFR2_EL1', field: 'IDS' })],
  },
  verified: { verification: { vms: ['4711-16'], different: [], notShown: ['CLIDR_EL1'] } },
  different: { verification: VERIFICATION },
}

describe('a launch', () => {
  it('is told on a screen and in a line, for every outcome', () => {
    const entries = OUTCOMES.map((outcome) => {
      const one = record({ outcome, ...CHANGES[outcome] })
      return { title: outcome, text: `${renderLaunchRecord(one)}\n\nin a line: ${summarizeLaunch(one)}` }
    })
    assertGolden('launches.txt', entries)
  })

  it('that was refused says why and what helps, for every reason', () => {
    const entries = REASONS.map((reason) => {
      const about = ABOUT[reason] ?? ABOUT_A_FIELD
      const one = record({ outcome: 'refused', registers: [], refused: [refusal({ reason, ...about })] })
      return { title: reason, text: renderLaunchRecord(one) }
    })
    assertGolden('refusals.txt', entries)
  })
})
