import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  COMPILE_REASONS,
  PLACEMENT_REASONS,
  PROBE_REASONS,
  TRIAL_REASONS,
} from '../../src/catalogue/condition-reasons.ts'
import type { CpuFeatureProfile } from '../../src/api/cpu-feature-profile.ts'
import { decidePod, type PodFacts } from '../../src/controller/reconcilers/pod/decide-pod.ts'
import { revisionFit, type RevisionFit } from '../../src/controller/revision-fit.ts'
import type { Verdict } from '../../src/compatibility/verdict.ts'
import { podCondition } from '../../src/controller/reconcilers/pod/pod-condition.ts'
import { profileConditions } from '../../src/controller/reconcilers/profile/profile-conditions.ts'
import { noKvm } from '../../src/discovery/no-kvm.ts'
import type { ProbeResult } from '../../src/discovery/probe-result.ts'
import { nodeReportStatus } from '../../src/node-agent/report/node-report-status.ts'
import type { TrialFindings } from '../../src/node-agent/trials/trial-findings.ts'
import { trialsCondition } from '../../src/node-agent/trials/trials-condition.ts'
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

const UNFIT: Verdict = {
  kind: 'incompatible',
  findings: [
    { reason: 'FieldNotWritable', ...PLAN_FINDING_SAMPLES.FieldNotWritable, remedy: 'leave such hosts out' },
  ],
}

const nowhere = revisionFit([UNFIT], 12)

const schedulable = (fit: RevisionFit): Said => {
  const serving = { revision: 'fleet-0123456789', fit, someWithoutKvm: true }
  return profileConditions(COMPILES, serving).find(({ type }) => type === 'Schedulable') ?? assert.fail()
}

const profile = (
  conditions: Readonly<Record<string, 'True' | 'False'>>,
  currentRevision: { currentRevision?: string } = { currentRevision: 'fleet-0123456789' },
): CpuFeatureProfile => ({
  apiVersion: 'cpufeatures.dev/v1alpha1',
  kind: 'CpuFeatureProfile',
  metadata: { name: 'fleet', generation: 1 },
  spec: { base: { host: {} }, enforcement: 'Strict' },
  status: {
    observedGeneration: 1,
    ...currentRevision,
    conditions: Object.entries(conditions).map(([type, holds]) => ({
      type,
      status: holds,
      reason: 'Reason',
      message: 'what its condition says',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    })),
  },
})

const podSays = (
  named: CpuFeatureProfile | undefined,
  pinned?: { readonly revision: string; readonly fit: RevisionFit },
  { breakGlass, source }: Partial<Pick<PodFacts, 'breakGlass' | 'source'>> = {},
): Said => {
  const metadata = {
    name: 'vm',
    namespace: 'default',
    labels: { 'cpufeatures.dev/profile': 'fleet' },
    ...(pinned === undefined ? {} : { annotations: { 'cpufeatures.dev/revision': pinned.revision } }),
  }
  const spec = pinned === undefined ? { schedulingGates: [{ name: 'cpufeatures.dev/profile' }] } : {}
  const decision = decidePod({
    pod: { apiVersion: 'v1', kind: 'Pod', metadata, spec },
    profile: named,
    source,
    canHold: true,
    breakGlass,
    fits: { pinned: pinned?.fit, current: FITS },
  })
  return podCondition(decision)?.condition ?? assert.fail(decision.kind)
}

const FITS: RevisionFit = { fits: true }
const ALL = { Accepted: 'True', Compiled: 'True', Schedulable: 'True' } as const
const OLD = 'fleet-9876543210'

const servedBefore = (): Said => {
  const serving = { revision: 'fleet-0123456789', fit: FITS, someWithoutKvm: false }
  const [said] = profileConditions(COMPILED['UnknownFeature']?.() ?? assert.fail(), serving)
  return said ?? assert.fail()
}

const PLACING: readonly GoldenEntry[] = [
  entry('NodesFit', schedulable(FITS)),
  entry('NoNodes', schedulable(revisionFit([], 0))),
  entry('NoCompatibleNode', schedulable(nowhere)),
  entry('ProfileNotFound, of a pod', podSays(undefined)),
  entry('ProfileNotAccepted, of a pod', podSays(profile({ ...ALL, Accepted: 'False' }, {}))),
  entry('ProfileNotCompiled, of a pod', podSays(profile({ ...ALL, Compiled: 'False' }, {}))),
  entry(
    'BreakGlass, of a pod',
    podSays(profile(ALL), undefined, { breakGlass: 'change 4711: QEMU hangs at start' }),
  ),
  entry('NoCompatibleNode, of a pod', podSays(profile(ALL), { revision: 'fleet-0123456789', fit: nowhere })),
  entry('Superseded, of a pod', podSays(profile(ALL), { revision: OLD, fit: nowhere })),
  entry(
    'MigrationSourceUnknown, of a pod',
    podSays(profile(ALL), undefined, { source: { kind: 'unknown', why: 'no pod runs that has its VM' } }),
  ),
  entry('Pinned, of a pod', podSays(profile(ALL), { revision: 'fleet-0123456789', fit: FITS })),
  entry('Pinned, of the target of a migration', podSays(profile(ALL), { revision: 'none', fit: FITS })),
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
  const [said] =
    nodeReportStatus({ result, serving: undefined, trials: undefined }, undefined, new Date(0)).conditions ??
    []
  return entry('errno' in result ? `${result.kind}, ${result.errno}` : result.kind, said ?? assert.fail())
})

const TRIED: Readonly<Record<string, TrialFindings>> = {
  'every revision passed': { refused: [], failed: [] },
  'a revision was refused': {
    refused: [
      {
        revision: 'fleet-0123456789',
        refused: [
          { register: 'ID_AA64ISAR0_EL1', field: 'RNDR', wanted: '0', shown: '1', errno: 'EINVAL' },
          { register: 'KVM_REG_ARM64_SVE_VLS', wanted: '128,256', errno: 'EINVAL' },
        ],
        moreRefused: 2,
      },
    ],
    failed: [],
  },
  'KVM makes no vCPU': {
    refused: [{ revision: 'fleet-0123456789', refused: [{ feature: 'sve + mte', errno: 'EINVAL' }] }],
    failed: [],
  },
  'a trial failed': {
    refused: [],
    failed: [{ revision: 'fleet-0123456789', why: 'ioctl KVM_CREATE_VM: ENOMEM' }],
  },
}

const trying = Object.entries(TRIED).map(([name, trials]) =>
  entry(name, { type: 'TrialsPassed', ...trialsCondition(trials) }),
)

const reasonsIn = (entries: readonly GoldenEntry[]): readonly string[] =>
  [...new Set(entries.map(({ text }) => /\((\w+)\)/.exec(text)?.[1] ?? ''))].sort()

describe('a condition', () => {
  it('says why, and what helps, for every reason it can have', () => {
    assertGolden('conditions.txt', [
      ...compiling,
      entry('A mistake in a profile that compiled before', servedBefore()),
      ...PLACING,
      ...probing,
      ...trying,
    ])
  })

  it('has no reason that is not in the file', () => {
    assert.deepEqual(reasonsIn(compiling), Object.keys(COMPILE_REASONS).sort())
    assert.deepEqual(reasonsIn(PLACING), Object.keys(PLACEMENT_REASONS).sort())
    const probed = Object.values(PROBE_REASONS).map(([reason]) => reason)
    assert.deepEqual(reasonsIn(probing), probed.sort())
    const tried = Object.values(TRIAL_REASONS).map(([reason]) => reason)
    assert.deepEqual(reasonsIn(trying), tried.sort())
  })
})
