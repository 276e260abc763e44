import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { COMPILE_REASONS, PLACEMENT_REASONS, PROBE_REASONS } from '../../src/catalogue/condition-reasons.ts'
import type { CpuFeatureProfile, CpuFeatureProfileStatus } from '../../src/api/cpu-feature-profile.ts'
import { decidePod } from '../../src/controller/reconcilers/pod/decide-pod.ts'
import { podCondition } from '../../src/controller/reconcilers/pod/pod-condition.ts'
import { profileConditions } from '../../src/controller/reconcilers/profile/profile-conditions.ts'
import { noKvm } from '../../src/discovery/no-kvm.ts'
import type { ProbeResult } from '../../src/discovery/probe-result.ts'
import { nodeReportStatus } from '../../src/node-agent/report/node-report-status.ts'
import { fixtureHost } from '../fixtures/host-documents.ts'
import { COMPILED, COMPILES } from './condition-samples.ts'
import { PLAN_FINDING_SAMPLES } from './finding-samples.ts'
import { assertGolden } from './golden-file.ts'
import type { GoldenEntry } from './golden-file.ts'

type Said = {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

const entry = (title: string, { type, status, reason, message }: Said): GoldenEntry => ({
  title,
  text: `${type} is ${status} (${reason}): ${message}`,
})

const compiling = Object.entries(COMPILED).map(([reason, sample]) => {
  const result = sample()
  assert.ok(result.kind !== 'compiled' && result.reason === reason, `${reason}: ${JSON.stringify(result)}`)
  const type = result.kind === 'not-accepted' ? 'Accepted' : 'Compiled'
  const said = profileConditions(result, undefined).find((one) => one.type === type)
  return entry(reason, said ?? assert.fail(reason))
})

const UNFIT = {
  class: 'fdcaad8756',
  nodes: 12,
  sample: ['worker-1', 'worker-2'],
  midr: '0x411fd402',
  kernel: '6.18.15',
  compatible: false,
  findings: [
    { reason: 'FieldNotWritable', ...PLAN_FINDING_SAMPLES.FieldNotWritable, remedy: 'leave such hosts out' },
  ],
}

const schedulable = (total: number, compatible: number): Said => {
  const fit = {
    revision: 'fleet-0123456789',
    total,
    compatible,
    withoutKvm: 1,
    why: 'class fdcaad8756: too old',
  }
  return profileConditions(COMPILES, fit).find(({ type }) => type === 'Schedulable') ?? assert.fail()
}

const profile = (
  conditions: Readonly<Record<string, 'True' | 'False'>>,
  status: Partial<CpuFeatureProfileStatus> = {},
): CpuFeatureProfile => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name: 'fleet', generation: 1 },
  spec: { base: { host: {} }, enforcement: 'Strict' },
  status: {
    observedGeneration: 1,
    currentRevision: 'fleet-0123456789',
    conditions: Object.entries(conditions).map(([type, holds]) => ({
      type,
      status: holds,
      reason: 'Reason',
      message: 'what its condition says',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
    ...status,
  },
})

const podSays = (named: CpuFeatureProfile | undefined, annotations: Record<string, string> = {}): Said => {
  const spec =
    Object.keys(annotations).length > 0 ? {} : { schedulingGates: [{ name: 'cpufeatures.dev/profile' }] }
  const metadata = {
    name: 'vm',
    namespace: 'default',
    labels: { 'cpufeatures.dev/profile': 'fleet' },
    annotations,
  }
  const decision = decidePod({
    pod: { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    profile: named,
    canHold: true,
  })
  return podCondition(decision)?.condition ?? assert.fail(decision.kind)
}

const ALL = { Accepted: 'True', Compiled: 'True', Schedulable: 'True' } as const

const PLACING: readonly GoldenEntry[] = [
  entry('NodesFit', schedulable(14, 2)),
  entry('NoNodes', schedulable(0, 0)),
  entry('NoCompatibleNode', schedulable(12, 0)),
  entry('ProfileNotFound, of a pod', podSays(undefined)),
  entry('ProfileNotAccepted, of a pod', podSays(profile({ ...ALL, Accepted: 'False' }))),
  entry('ProfileNotCompiled, of a pod', podSays(profile({ ...ALL, Compiled: 'False' }))),
  entry(
    'NoCompatibleNode, of a pod',
    podSays(profile({ ...ALL, Schedulable: 'False' }, { classes: [UNFIT] })),
  ),
  entry('Pinned, of a pod', podSays(profile(ALL), { 'cpufeatures.dev/revision': 'fleet-0123456789' })),
]

const PROBED: readonly ProbeResult[] = [
  { kind: 'probed', host: fixtureHost('neoverse-n1-6.18') },
  ...['ENOENT', 'EACCES', 'EPERM', 'ENODEV', 'EMFILE'].map((errno) => noKvm('/dev/kvm', errno)),
  {
    kind: 'kernel-too-old',
    release: '6.1.0',
    message:
      'Linux 6.1.0 does not tell which ID register bits may be written (KVM_ARM_GET_REG_WRITABLE_MASKS)',
    remedy: 'Boot Linux 6.7 or newer; 6.15 or newer to level MIDR as well.',
  },
  {
    kind: 'failed',
    step: 'first vCPU',
    errno: 'EIO',
    message: 'first vCPU: KVM_ARM_VCPU_INIT: EIO',
    remedy:
      'No kernel we know answers this. See `dmesg | grep -i kvm`, and report it with the kernel release and the CPU.',
  },
]

const probing = PROBED.map((result) => {
  const [said] = nodeReportStatus(result, undefined, new Date(0)).conditions ?? []
  return entry('errno' in result ? `${result.kind}, ${result.errno}` : result.kind, said ?? assert.fail())
})

const reasonsIn = (entries: readonly GoldenEntry[]): readonly string[] =>
  [...new Set(entries.map(({ text }) => /\((\w+)\)/.exec(text)?.[1] ?? ''))].sort()

describe('a condition', () => {
  it('says why, and what helps, for every reason it can have', () => {
    assertGolden('conditions.txt', [...compiling, ...PLACING, ...probing])
  })

  it('has no reason that is not in the file', () => {
    assert.deepEqual(reasonsIn(compiling), Object.keys(COMPILE_REASONS).sort())
    assert.deepEqual(reasonsIn(PLACING), Object.keys(PLACEMENT_REASONS).sort())
    const probed = Object.values(PROBE_REASONS).map(([reason]) => reason)
    assert.deepEqual(reasonsIn(probing), probed.sort())
  })
})
