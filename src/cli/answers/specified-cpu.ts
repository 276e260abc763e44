import { toHex64 } from '../../api/hex64.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { Untrapped } from '../../api/plan.ts'
import { EVERY_BIT } from '../../arm64/bits.ts'
import { fieldName } from '../../arm64/field-ref.ts'
import { VCPU_FEATURES } from '../../api/vcpu-feature.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { FIRMWARE_REGISTERS } from '../../arm64/firmware-register-table.generated.ts'
import { FEATURE_ID_REGISTERS, registerByKvmId } from '../../arm64/register.ts'
import { registerBySpelling } from '../../arm64/register-spelling.ts'
import type { PlannedRegister } from '../../plan/planned-register.ts'
import type { ResolvedPlan } from '../../plan/read-plan.ts'
import { givesVcpuFeature, toldSveLengths } from '../../prediction/told-of-host.ts'
import type { SpecifiedBits } from '../../plan/register-values.ts'
import { untrappedOfHost, untrappedTexts } from '../../plan/untrapped.ts'
import type { ForeignTemplate } from '../input/foreign/firecracker-dump.ts'
import { InputError } from '../input/input-error.ts'
import { knownPlan } from '../input/known-plan.ts'
import type { InputDocument, LiteralView } from '../input/parse-document.ts'

/**
 * What a document specifies of a CPU: bits of ID registers, and by name everything else that decides compatibility. A `partial` CPU (of a
 * revision) leaves the rest to the host.
 */
export type SpecifiedCpu = {
  readonly name: string
  readonly partial: boolean
  readonly registers: ReadonlyMap<string, SpecifiedBits>
  readonly facts: ReadonlyMap<string, string>
  /** The ID registers of which the document does not tell. */
  readonly untold: readonly string[]
}

/** The names of the facts of a vCPU feature: whether a host's KVM gives it, and what a plan says of it. */
export const vcpuFacts = (feature: VcpuFeature): { readonly given: string; readonly policy: string } => ({
  given: `KVM gives ${feature}`,
  policy: `vCPU feature ${feature}`,
})

/** The value of a fact of which a document does not tell. */
export const UNKNOWN = 'unknown'

const whole = (record: Readonly<Record<string, string>>): Map<string, SpecifiedBits> =>
  new Map(
    Object.entries(record).map(([name, value]) => [
      registerBySpelling(name)?.name ?? name,
      { mask: EVERY_BIT, value: BigInt(value) },
    ]),
  )

type Fact = readonly [name: string, value: string | number | undefined]

const facts = (entries: readonly Fact[]): Map<string, string> =>
  new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const])))

const SVE_LENGTHS = 'SVE vector lengths (bits)'

const untrappedFacts = (untrapped: Untrapped = {}, untold?: string): Fact[] => [
  ['CNTFRQ_EL0 (Hz)', untrapped.counterFrequency ?? untold],
  ['DCZID_EL0', untrapped.dczid ?? untold],
  ['CTR_EL0.TminLine as guests read it', untrappedTexts(untrapped).tminLine],
]

const pmuFacts = (host: HostDocument): Fact[] => {
  const { pmu } = host
  const absent = givesVcpuFeature(host, 'pmu') === 'no' ? undefined : UNKNOWN
  return [
    ['PMU event counters', pmu?.counters ?? absent],
    ['PMCEID0_EL0', pmu?.pmceid0 ?? absent],
    ['PMCEID1_EL0', pmu?.pmceid1 ?? absent],
  ]
}

const firmwareFacts = ({ firmwareRegisters, registerList }: HostDocument): Fact[] =>
  FIRMWARE_REGISTERS.map(({ name }) => [
    name,
    firmwareRegisters[name] ?? (registerList === undefined ? UNKNOWN : undefined),
  ])

const ofHost = (host: HostDocument): Omit<SpecifiedCpu, 'name'> => ({
  partial: false,
  registers: whole(host.guestView),
  facts: facts([
    ...VCPU_FEATURES.map((feature): Fact => [vcpuFacts(feature).given, givesVcpuFeature(host, feature)]),
    ...untrappedFacts(untrappedOfHost(host), UNKNOWN),
    ['CTR_EL0 as guests read it', host.ctr ?? UNKNOWN],
    [SVE_LENGTHS, toldSveLengths(host)?.join(', ') ?? UNKNOWN],
    ['largest IPA size (bits)', host.ipaBits ?? UNKNOWN],
    ...pmuFacts(host),
    ...firmwareFacts(host),
  ]),
  untold:
    host.registerList === undefined
      ? FEATURE_ID_REGISTERS.filter(
          ({ name, fields }) => fields.length > 0 && host.guestView[name] === undefined,
        ).map(({ name }) => name)
      : [],
})

const ceilingFacts = ({ name, ceilings }: PlannedRegister): Fact[] =>
  ceilings.map(({ field, value }) => [
    fieldName({ register: name, field }),
    `at most 0x${value.toString(16)}`,
  ])

const ofPlan = (plan: ResolvedPlan): Omit<SpecifiedCpu, 'name'> => ({
  partial: true,
  registers: new Map(
    plan.registers
      .filter(({ kind, mask }) => kind !== 'firmware' && mask !== 0n)
      .map(({ name, mask, value }) => [name, { mask, value }]),
  ),
  facts: facts([
    ['enforcement', plan.enforcement],
    ['required features', plan.requiredFeatures.join(', ') || undefined],
    ...plan.registers.flatMap(ceilingFacts),
    ...VCPU_FEATURES.map((feature): Fact => [vcpuFacts(feature).policy, plan.vcpuFeatures[feature]]),
    ...untrappedFacts(plan.untrapped),
    [SVE_LENGTHS, plan.sveVectorLengths?.join(', ')],
    ['left out of the register list', [...plan.excludedRegisters].map(toHex64).join(', ') || undefined],
    ...plan.registers
      .filter(({ kind }) => kind === 'firmware')
      .map(({ name, value }): Fact => [name, toHex64(value)]),
    ...plan.tolerated.map(({ difference }): Fact => [`tolerated ${fieldName(difference)}`, difference.kind]),
  ]),
  untold: [],
})

const ofView = (view: LiteralView): Omit<SpecifiedCpu, 'name'> => ({
  partial: false,
  registers: whole(view.registers),
  facts: facts([...untrappedFacts(view.untrapped), ...Object.entries(view.firmwareRegisters ?? {})]),
  untold: [],
})

const ofTemplate = ({ registers, vcpuFeatures }: ForeignTemplate): Omit<SpecifiedCpu, 'name'> => {
  const named = registers.map(({ id, mask, value }) => ({ id, name: registerByKvmId(id)?.name, mask, value }))
  return {
    partial: true,
    registers: new Map(
      named.flatMap(({ name, mask, value }) => (name === undefined ? [] : [[name, { mask, value }]])),
    ),
    facts: facts([
      ...[...vcpuFeatures].map(([name, isAsked]): Fact => [
        vcpuFacts(name).policy,
        isAsked ? 'Required' : 'Disabled',
      ]),
      ...named.flatMap(({ id, name, value }): Fact[] =>
        name === undefined ? [[`KVM register ${toHex64(id)}`, toHex64(value)]] : [],
      ),
    ]),
    untold: [],
  }
}

/** What a document specifies. Throws InputError for a document that must be compiled first, or that is empty. */
export const specifiedCpu = (document: InputDocument): SpecifiedCpu => {
  const { name, source } = document
  switch (document.kind) {
    case 'host':
      return { name, ...ofHost(document.host) }
    case 'revision':
      return { name, ...ofPlan(knownPlan(document.plan, source)) }
    case 'view':
      return { name, ...ofView(document.view) }
    case 'template':
      return { name, ...ofTemplate(document.template) }
    case 'profile':
      throw new InputError(
        `${source}: a profile does not specify bits yet; make a revision from it with cpufeatures compile`,
      )
    case 'unprobed':
      throw new InputError(`${source}: node ${name} has no host document: ${document.why}`)
    default:
      return document satisfies never
  }
}
