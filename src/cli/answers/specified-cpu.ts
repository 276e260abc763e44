import { toHex64 } from '../../api/hex64.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { Untrapped } from '../../api/plan.ts'
import { EVERY_BIT } from '../../arm64/bits.ts'
import { fieldName } from '../../arm64/field-ref.ts'
import { registerByKvmId } from '../../arm64/register.ts'
import { registerBySpelling } from '../../arm64/register-spelling.ts'
import type { PlannedRegister } from '../../plan/planned-register.ts'
import type { ResolvedPlan } from '../../plan/read-plan.ts'
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
}

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

const untrappedFacts = (untrapped: Untrapped = {}): Fact[] => [
  ['CNTFRQ_EL0 (Hz)', untrapped.counterFrequency],
  ['DCZID_EL0', untrapped.dczid],
  ['CTR_EL0.TminLine as guests read it', untrappedTexts(untrapped).tminLine],
]

const ofHost = (host: HostDocument): Omit<SpecifiedCpu, 'name'> => ({
  partial: false,
  registers: whole(host.guestView),
  facts: facts([
    ['vCPU features', host.vcpuFeatures.join(', ') || 'none'],
    ...untrappedFacts(untrappedOfHost(host)),
    ['CTR_EL0 as guests read it', host.ctr],
    ['SVE vector lengths (bits)', host.sveVectorLengths.join(', ') || 'none'],
    ['largest IPA size (bits)', host.ipaBits],
    ['PMU event counters', host.pmu?.counters],
    ['PMCEID0_EL0', host.pmu?.pmceid0],
    ['PMCEID1_EL0', host.pmu?.pmceid1],
    ...Object.entries(host.firmwareRegisters),
  ]),
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
    ...Object.entries(plan.vcpuFeatures).map(([name, policy]): Fact => [`vCPU feature ${name}`, policy]),
    ...untrappedFacts(plan.untrapped),
    ['SVE vector lengths (bits)', plan.sveVectorLengths?.join(', ')],
    ['left out of the register list', [...plan.excludedRegisters].map(toHex64).join(', ') || undefined],
    ...plan.registers
      .filter(({ kind }) => kind === 'firmware')
      .map(({ name, value }): Fact => [name, toHex64(value)]),
    ...plan.tolerated.map(({ difference }): Fact => [`tolerated ${fieldName(difference)}`, difference.kind]),
  ]),
})

const ofView = (view: LiteralView): Omit<SpecifiedCpu, 'name'> => ({
  partial: false,
  registers: whole(view.registers),
  facts: facts([...untrappedFacts(view.untrapped), ...Object.entries(view.firmwareRegisters ?? {})]),
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
        `vCPU feature ${name}`,
        isAsked ? 'Required' : 'Disabled',
      ]),
      ...named.flatMap(({ id, name, value }): Fact[] =>
        name === undefined ? [[`KVM register ${toHex64(id)}`, toHex64(value)]] : [],
      ),
    ]),
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
