import { fieldName, fieldRef } from '../arm64/field-ref.ts'
import type { Finding, PlanFinding, ReachFinding } from '../api/finding.ts'
import { featuresByName } from '../arm64/feature-registry.ts'
import { hwcapNamesOf } from '../arm64/hwcap-names.ts'
import { featuresBetween } from '../arm64/field-features.ts'
import type { PlanReason } from '../catalogue/plan-reasons.ts'
import type { ReachReason } from '../catalogue/reach-reasons.ts'

const rawValues = (texts: readonly (string | undefined)[]): readonly number[] =>
  texts
    .flatMap((text) => text?.split(', ') ?? [])
    .filter((text) => /^0x[0-9a-f]{1,4}$/.test(text))
    .map(Number)

/** The two values of a finding. */
const pairOf = (finding: Finding): readonly [string | undefined, string | undefined] =>
  'onFrom' in finding ? [finding.onFrom, finding.onTo] : [finding.wanted, finding.limit]

/** The FEAT_ and HWCAP names that tell the two values apart: ` (FEAT_RNG, rng)`. */
const names = (finding: Finding): string => {
  const { register, field } = finding
  const ref = register === undefined || field === undefined ? undefined : fieldRef({ register, field })
  if (ref === undefined) return ''
  const values = rawValues(pairOf(finding))
  const features = values.length < 2 ? [] : featuresBetween(ref, values)
  const all = [...features, ...hwcapNamesOf(features)]
  return all.length === 0 ? '' : ` (${all.join(', ')})`
}

const subject = (finding: Finding): string => {
  const { register, field } = finding
  if (register === undefined) return ''
  return field === undefined ? register : `${fieldName({ register, field })}${names(finding)}`
}

/** A sentence: the wanted value, the value of the host (`has`: `this host shows`), and what follows. */
const planned = (finding: PlanFinding, has: string, what: string): string => {
  const { wanted, limit } = finding
  const values = [wanted && `wanted ${wanted}`, limit && `${has} ${limit}`].filter(Boolean).join(', ')
  return `${subject(finding)}: ${values}; ${what}`
}

const compared = (finding: ReachFinding, what: string, about = subject(finding)): string =>
  `${about}${about === '' ? '' : ': '}one host has ${finding.onFrom}, the other ${finding.onTo}; ${what}`

const untold = ({ onFrom, onTo }: ReachFinding, what: string): string =>
  `the ${onFrom === 'unknown' && onTo === 'unknown' ? 'documents of both hosts do' : 'document of one host does'} not say ${what}`

const featureNamed = (name: string | undefined): string =>
  name !== undefined && featuresByName(name).length > 0 ? name : `the feature ${name ?? ''}`

const PLAN_SENTENCES: Readonly<Record<PlanReason, (finding: PlanFinding) => string>> = {
  UnknownRegister: (finding) =>
    `the plan names ${finding.wanted ?? subject(finding)}, which this version does not know`,
  RevisionAltered: ({ wanted, limit }) =>
    `the plan of revision ${wanted ?? ''} has the hash ${limit ?? ''}: it is not the one that was compiled`,
  TrialRefused: (finding) =>
    finding.register === undefined
      ? `${finding.wanted ?? 'the plan'}: KVM refused it on a scratch VM (${finding.limit ?? 'no value'}), unlike predicted`
      : planned(finding, 'a scratch VM showed', 'KVM refused it, unlike predicted'),
  VcpuFeatureMissing: ({ wanted, limit }) =>
    `the plan requires the vCPU feature ${wanted ?? ''}, which KVM does not give here (${limit ?? ''})`,
  VcpuFeatureUnknown: ({ wanted }) =>
    `the plan covers the vCPU feature ${wanted ?? ''}, and nobody knows whether KVM gives it here`,
  KernelTooOld: ({ limit }) =>
    `this host runs ${limit ?? 'an older kernel'}; KVM says only since Linux 6.7 which fields may be changed`,
  RegistersUnknown: ({ wanted }) =>
    `the plan specifies registers that the host document lacks: ${wanted ?? ''}`,
  WritableUnknown: (finding) =>
    planned(finding, 'this host shows', 'nobody knows whether its KVM lets the field be changed'),
  LevellingUnknown: (finding) =>
    `${subject(finding)}: members show ${finding.limit ?? 'different bits'}; nobody knows whether KVM lets them show a value in common`,
  RequiredFeatureUnknown: ({ wanted }) =>
    `${featureNamed(wanted)} is required, and nobody knows whether guests of this host have it`,
  ImplementationIdUnknown: (finding) =>
    planned(finding, 'this host shows', 'nobody knows whether its kernel can show another implementation ID'),
  FirmwareRegisterUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; the host document lacks it`,
  SveVectorLengthsUnknown: ({ wanted }) =>
    `SVE vector lengths in bits: wanted ${wanted ?? 'none'}; those of this host are unknown`,
  ConfigurationUnknown: () => 'the report does not say what the vCPU features of the plan show here',
  FieldAboveLimit: (finding) =>
    planned(finding, 'this host has at most', 'KVM cannot show more than the host has'),
  FieldNotWritable: (finding) => planned(finding, 'this host shows', 'KVM does not let the field be changed'),
  FieldValueRefused: (finding) =>
    planned(finding, 'this host shows', 'KVM does not accept this value for the field'),
  RegisterValueRefused: (finding) =>
    planned(finding, 'this host shows', 'KVM refuses the value of the register'),
  StoredOtherwise: (finding) => planned(finding, 'KVM keeps', 'it accepts the write and ignores it'),
  RegisterMissing: (finding) => `${subject(finding)} is specified, and this host's KVM does not list it`,
  IllegalCombination: ({ wanted }) =>
    `guests of this host would see ${wanted ?? 'a combination'}, which the architecture does not allow`,
  FieldNotLevelable: (finding) =>
    `${subject(finding)}: members show ${finding.limit ?? 'different bits'}; KVM lets them show no value in common`,
  RequiredFeatureMissing: ({ wanted, limit }) =>
    `${featureNamed(wanted)} is required and ${limit ?? 'absent'}`,
  ImplementationIdNotWritable: (finding) =>
    planned(finding, 'this host shows', 'its kernel cannot show another implementation ID'),
  FirmwareLevelTooHigh: (finding) => planned(finding, 'this host has at most', 'KVM refuses more'),
  FirmwareRegisterMissing: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; this host's KVM does not have the register`,
  CounterFrequencyDiffers: (finding) =>
    planned(finding, 'this host has', 'guests read it untrapped and KVM cannot change it'),
  CounterFrequencyUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; it was not measured on this host`,
  ZeroBlockSizeDiffers: (finding) =>
    planned(finding, 'this host has', 'guests read it untrapped and KVM cannot change it'),
  ZeroBlockSizeUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; it was not measured on this host`,
  TagLineDiffers: (finding) =>
    planned(finding, 'this host has', 'guests read it untrapped, and maintain memory tags by it'),
  TagLineUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; it was not read on this host`,
  SveVectorLengthsDiffer: ({ wanted, limit }) =>
    `SVE vector lengths in bits: wanted ${wanted ?? 'none'}, this host has ${limit ?? 'none'}; it cannot give exactly those`,
  NotTolerated: (finding) =>
    `${subject(finding)} differs between members, which the profile no longer tolerates`,
}

const REACH_SENTENCES: Readonly<Record<ReachReason, (finding: ReachFinding) => string>> = {
  CounterFrequencyDiffers: (finding) =>
    compared(finding, 'guests read it untrapped and KVM cannot change it'),
  CounterFrequencyUnknown: (finding) => compared(finding, 'it was not measured'),
  ZeroBlockSizeDiffers: (finding) => compared(finding, 'guests read it untrapped and KVM cannot change it'),
  ZeroBlockSizeUnknown: (finding) => compared(finding, 'it was not measured'),
  TagLineDiffers: (finding) => compared(finding, 'guests read it untrapped, and maintain memory tags by it'),
  TagLineUnknown: (finding) => compared(finding, 'it was not read'),
  SveVectorLengthsUnknown: (finding) =>
    compared(finding, 'nobody knows whether a VM can have the same on both', 'SVE vector lengths in bits'),
  CoreKindsDiffer: (finding) => compared(finding, 'VMs show that of the cores on which they were made'),
  ImplementationIdUnknown: (finding) => compared(finding, 'the profile leaves it to the host'),
  FirmwareRegistersUnknown: ({ onFrom, onTo }) =>
    `a migration stream carries firmware registers that a host document lacks (${onFrom} on the one host, ${onTo} on the other)`,
  IpaSizeUnknown: (finding) =>
    compared(finding, 'VMMs choose their memory layout from it', 'physical addresses of VMs'),
  PmuUnknown: (finding) =>
    compared(finding, 'nobody knows whether guests can use both in the same way', 'PMU'),
  VcpuFeatureUnknown: ({ onFrom, onTo }) =>
    `nobody knows whether KVM gives a vCPU feature that VMs may have (${onFrom} on the one host, ${onTo} on the other)`,
  ConfigurationUnknown: (finding) => untold(finding, 'what the vCPU features of the VMs show there'),
  RegisterListUnknown: (finding) =>
    `${untold(finding, 'which registers KVM lists')}; a migration stream may have a register that its destination does not know`,
  RegistersUnknown: ({ onFrom, onTo }) =>
    `a migration stream carries ID registers that a host document lacks (${onFrom} on the one host, ${onTo} on the other)`,
  WritableUnknown: (finding) =>
    compared(finding, 'nobody knows whether KVM takes the value of the one on the other'),
  SveVectorLengthsDiffer: (finding) =>
    compared(finding, 'a VM cannot have the same on both', 'SVE vector lengths in bits'),
  ImplementationIdDiffers: (finding) => compared(finding, 'the profile leaves it to the host'),
  FirmwareLevelDiffers: (finding) => compared(finding, 'the profile does not level it'),
  CacheLinesDiffer: (finding) =>
    compared(finding, 'KVM refuses smaller cache lines than those of its host, whatever CTR_EL0 guests see'),
  RegisterUnclassified: ({ onFrom }) =>
    `KVM of both hosts lists ${onFrom}; nobody knows whether the one takes what the other has there`,
  MitigationLevelDiffers: (finding) =>
    compared(finding, 'VMs can only move to the host that promises guests more'),
  IpaSizeDiffers: (finding) =>
    compared(finding, 'a VM laid out for more does not fit where there is less', 'physical addresses of VMs'),
  PmuDiffers: (finding) => compared(finding, 'counters, events or slots are not the same', 'PMU'),
  VcpuFeatureDiffers: (finding) => compared(finding, 'the profile leaves this vCPU feature to the VMM'),
  RegisterListDiffers: ({ onFrom, onTo }) =>
    `KVM lists different registers: only the one host ${onFrom}, only the other ${onTo}; ` +
    'a migration stream has a register its destination does not know',
  FieldDiffers: (finding) =>
    compared(finding, 'the profile does not specify it and KVM cannot bring it together'),
  ToleratedSurplus: (finding) => compared(finding, 'a tolerated surplus'),
}

/** The sentence for a reason of a newer version, which this one does not know. */
const unknownReason = (finding: Finding): string => `${subject(finding)}: ${finding.reason}`

const isIn = <T extends object>(sentences: T, reason: PropertyKey): reason is keyof T =>
  Object.hasOwn(sentences, reason)

const planSentence = (finding: PlanFinding): string =>
  isIn(PLAN_SENTENCES, finding.reason) ? PLAN_SENTENCES[finding.reason](finding) : unknownReason(finding)

const reachSentence = (finding: ReachFinding): string =>
  isIn(REACH_SENTENCES, finding.reason) ? REACH_SENTENCES[finding.reason](finding) : unknownReason(finding)

/** A finding as one sentence: field, FEAT_ and HWCAP concerned, the two values, what follows from them, and what would help. */
export const renderFinding = (finding: Finding): string => {
  const what = 'onFrom' in finding ? reachSentence(finding) : planSentence(finding)
  return `${what}. Remedy: ${finding.remedy}.`
}
