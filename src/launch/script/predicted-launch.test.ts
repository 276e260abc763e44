import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { HostDocument } from '../../api/host-document.ts'
import { toHex64 } from '../../api/hex64.ts'
import type { Plan } from '../../api/plan.ts'
import { VCPU_FEATURES, type VcpuFeature } from '../../api/vcpu-feature.ts'
import { fieldMask, getField, setField, signedValue } from '../../arm64/field.ts'
import type { FieldRef } from '../../arm64/field-ref.ts'
import { registerByKvmId, registerByName } from '../../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../../arm64/vcpu-feature-table.generated.ts'
import { vcpuFeatureOfField } from '../../arm64/vcpu-features.ts'
import { planRegisterFindings } from '../../compatibility/register-findings.ts'
import { requiredFindings } from '../../compatibility/required-findings.ts'
import { shownView } from '../../compatibility/shown-view.ts'
import { isSpecifiable, SPECIFIABLE_REGISTERS } from '../../plan/specifiable.ts'
import { predictWrite } from '../../prediction/predict-write.ts'
import { predictionHost, type PredictionHost } from '../../prediction/prediction-host.ts'
import { INIT_ADDRESS, SimulatedVmm } from '../../../test/doubles/simulated-vmm.ts'
import { fixtureHosts } from '../../../test/fixtures/host-documents.ts'
import { resolvedPlan } from '../../../test/fixtures/resolved-plan.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { FRESH_PROCESS } from '../../../test/fixtures/sample-situation.ts'
import { launchPolicy } from '../decide/launch-policy.ts'
import { serveCall } from './serve-call.ts'

const HOSTS = fixtureHosts()

const FIELDS: readonly FieldRef[] = SPECIFIABLE_REGISTERS.flatMap(({ name, fields }) =>
  fields
    .filter((field) => field.width <= 8 && isSpecifiable(name, field))
    .map((field) => ({ register: name, field })),
)
const OPTIONAL_FIELDS = FIELDS.filter((ref) => vcpuFeatureOfField(ref))

/** What a plan says of a field: of optional ones often, and mostly values near what hosts have. */
const saying = fc.record({
  at: fc.oneof(fc.constantFrom(...OPTIONAL_FIELDS), fc.constantFrom(...FIELDS)),
  raw: fc.oneof({ weight: 4, arbitrary: fc.nat(2) }, fc.nat(15)),
  isCeiling: fc.boolean(),
})
type Saying = typeof saying extends fc.Arbitrary<infer T> ? T : never

const policy = fc.constantFrom('Allowed', 'Allowed', 'Required', 'Disabled', undefined)

const ASKED_AT_INIT = VCPU_FEATURES.filter((name) => VCPU_FEATURE_FACTS[name].initBits.length > 0)

const given = fc.record({
  host: fc.constantFrom(...HOSTS.keys()),
  said: fc.uniqueArray(saying, {
    selector: ({ at }) => `${at.register}.${at.field.name}`,
    minLength: 1,
    maxLength: 12,
  }),
  vcpuFeatures: fc.record({ sve: policy, pointerAuthentication: policy, pmu: policy }),
  asked: fc.subarray(ASKED_AT_INIT),
  /** Whether KVM hides the first register that the plan names and that is of no vCPU feature. */
  hides: fc.constantFrom(false, false, false, true),
  requiredFeatures: fc.subarray(['FEAT_AES', 'FEAT_SVE2', 'FEAT_PAuth', 'FEAT_LSE'], { maxLength: 1 }),
})
type Given = typeof given extends fc.Arbitrary<infer T> ? T : never

const documentOf = ({ host }: Given): HostDocument => {
  const document = HOSTS.get(host)
  assert.ok(document)
  return document
}

const rawOf = ({ at: { field }, raw }: Saying): number => raw % 2 ** field.width

const planOf = ({ said, vcpuFeatures, requiredFeatures }: Given): Plan => {
  const masked = new Map<string, { mask: bigint; value: bigint }>()
  for (const one of said.filter(({ isCeiling }) => !isCeiling)) {
    const { register, field } = one.at
    const { mask, value } = masked.get(register) ?? { mask: 0n, value: 0n }
    masked.set(register, { mask: mask | fieldMask(field), value: setField(value, field, rawOf(one)) })
  }
  return samplePlan({
    registers: [...masked].map(([register, { mask, value }]) => ({
      register,
      mask: toHex64(mask),
      value: toHex64(value),
    })),
    atMost: said
      .filter(({ isCeiling }) => isCeiling)
      .map((one) => ({ register: one.at.register, field: one.at.field.name, value: rawOf(one) })),
    vcpuFeatures: Object.fromEntries(Object.entries(vcpuFeatures).filter(([, value]) => value !== undefined)),
    requiredFeatures,
  })
}

/** What a VMM of this host asks for under the plan: all that it requires, and nothing that it disables. */
const askedOf = (one: Given): readonly VcpuFeature[] => {
  const { asked, vcpuFeatures } = one
  const supported = documentOf(one).vcpuFeatures
  const policies: Readonly<Partial<Record<VcpuFeature, string | undefined>>> = vcpuFeatures
  return ASKED_AT_INIT.filter(
    (name) =>
      supported.includes(name) &&
      (policies[name] === 'Required' || (asked.includes(name) && policies[name] !== 'Disabled')),
  )
}

/** What the host shows a vCPU with what its VMM asks for. */
const shownHost = (one: Given): PredictionHost | undefined => {
  const host = predictionHost(documentOf(one), { vcpuFeatures: askedOf(one), implementationId: false })
  const plain = one.said.find(({ at }) => !OPTIONAL_FIELDS.some(({ register }) => register === at.register))
  const hidden = one.hides ? plain?.at.register : undefined
  return host && { ...host, limitView: new Map([...host.limitView].filter(([name]) => name !== hidden)) }
}

/** A VMM on a host whose KVM does with each write what is predicted of it. */
const vmmOn = (prediction: PredictionHost): SimulatedVmm =>
  new SimulatedVmm({
    registers: new Map(
      [...prediction.limitView].map(([name, value]) => [registerByName(name)?.kvmRegisterId ?? 0n, value]),
    ),
    features: prediction.vcpuFeatures
      .flatMap((name) => VCPU_FEATURE_FACTS[name].initBits)
      .reduce((bits, bit) => bits | (1 << bit), 0),
    keeps: (id, value) => {
      const answer = predictWrite(prediction, registerByKvmId(id)?.name ?? '', value)
      if (answer.verdict === 'refused') return undefined
      return answer.verdict === 'stored-as' ? answer.stored : value
    },
  })

/** The vCPU's registers once its INIT has gone on; undefined if it failed. */
const launched = (plan: Plan, vmm: SimulatedVmm): ReadonlyMap<bigint, bigint> | undefined => {
  const read = launchPolicy(plan)
  assert.ok(read.kind === 'policy')
  const call = { kind: 'vcpu-init', fd: 9, argument: INIT_ADDRESS } as const
  vmm.run(serveCall(read.policy, { call, args: [9n, 0n, INIT_ADDRESS], situation: FRESH_PROCESS }))
  const last = vmm.actions.findLast((action) => action.do === 'let-go')
  return last?.do === 'let-go' && last.value === 0n ? vmm.registers : undefined
}

/** Whether it is said of a field that comes with a vCPU feature which the plan leaves to the VMM, and the VMM left out. */
const isOfAbsent = (plan: Plan, asked: readonly VcpuFeature[], { at }: Saying): boolean => {
  const feature = vcpuFeatureOfField(at)
  return (
    feature !== undefined &&
    !asked.includes(feature) &&
    (plan.vcpuFeatures[feature] ?? 'Allowed') === 'Allowed'
  )
}

const isAsSaid = (one: Saying, value: bigint): boolean => {
  const [shown, raw] = [getField(value, one.at.field), rawOf(one)]
  return one.isCeiling ? signedValue(one.at.field, shown) <= signedValue(one.at.field, raw) : shown === raw
}

describe('what check predicts of a launch', () => {
  let [fits, fails] = [0, 0]

  const hold = (one: Given): void => {
    const [wire, asked] = [planOf(one), askedOf(one)]
    const plan = resolvedPlan(wire)
    const prediction = shownHost(one)
    fc.pre(prediction !== undefined)
    // A VMM that does not ask for what is required is refused by name, whatever is predicted of it.
    fc.pre(ASKED_AT_INIT.every((name) => wire.vcpuFeatures[name] !== 'Required' || asked.includes(name)))
    const findings = [...planRegisterFindings(plan, prediction), ...requiredFindings(plan, prediction)]
    const registers = launched(wire, vmmOn(prediction))
    assert.equal(registers !== undefined, findings.length === 0, JSON.stringify(findings))
    const present = one.said.filter((said) => !isOfAbsent(wire, asked, said))
    assert.deepEqual(launched(planOf({ ...one, said: present }), vmmOn(prediction)), registers)
    if (registers === undefined) fails += 1
    else {
      fits += 1
      const shown = new Map([...registers].map(([id, value]) => [registerByKvmId(id)?.name, value]))
      assert.deepEqual(shown, shownView(plan, prediction))
      for (const said of present)
        assert.ok(isAsSaid(said, shown.get(said.at.register) ?? 0n), JSON.stringify(said.at))
    }
  }

  it('is what its scripts write, for any host, plan and vCPU features asked for', () => {
    fc.assert(fc.property(given, hold), { numRuns: 600 })
    assert.ok(fits > 60 && fails > 60, `${fits} fit, ${fails} do not`)
  })
})
