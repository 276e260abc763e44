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
    `the plan of revision ${wanted ?? ''} has the hash ${limit ?? ''}: this is not the hash in the name, so the plan has been changed`,
  TrialRefused: (finding) =>
    finding.register === undefined
      ? `${finding.wanted ?? 'the plan'}: KVM refused it on a scratch VM (${finding.limit ?? 'no value'}), unlike predicted`
      : planned(finding, 'a scratch VM showed', 'KVM refused it, unlike predicted'),
  VcpuFeatureMissing: ({ wanted, limit }) =>
    `the plan requires the vCPU feature ${wanted ?? ''}, which KVM on this host does not offer (${limit ?? ''})`,
  VcpuFeatureUnknown: ({ wanted }) =>
    `the plan requires or allows the vCPU feature ${wanted ?? ''}, and nobody knows whether KVM on this host offers it`,
  KernelTooOld: ({ limit }) =>
    `this host runs ${limit ?? 'an older kernel'}; before Linux 6.7, KVM does not report which fields a VMM may change`,
  RegistersUnknown: ({ wanted }) =>
    `the plan specifies registers that the host document lacks: ${wanted ?? ''}`,
  WritableUnknown: (finding) =>
    planned(finding, 'this host shows', 'nobody knows whether KVM on this host lets a VMM change the field'),
  LevellingUnknown: (finding) =>
    `${subject(finding)}: members show ${finding.limit ?? 'different bits'}; ` +
    'nobody knows whether there is a value that KVM lets all of them show',
  RequiredFeatureUnknown: ({ wanted }) =>
    `the profile requires ${featureNamed(wanted)}, and nobody knows whether guests on this host have it`,
  ImplementationIdUnknown: (finding) =>
    planned(
      finding,
      'this host shows',
      'nobody knows whether the kernel of this host can show another implementation ID',
    ),
  FirmwareRegisterUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; the host document lacks it`,
  SveVectorLengthsUnknown: ({ wanted }) =>
    `SVE vector lengths in bits: wanted ${wanted ?? 'none'}; those of this host are unknown`,
  ConfigurationUnknown: () =>
    'the host document does not say which values a vCPU with the vCPU features of the plan has',
  FieldAboveLimit: (finding) =>
    planned(finding, 'this host has at most', 'KVM cannot show more than the host has'),
  FieldNotWritable: (finding) =>
    planned(finding, 'this host shows', 'KVM does not let a VMM change the field'),
  FieldValueRefused: (finding) =>
    planned(finding, 'this host shows', 'KVM does not accept this value for the field'),
  RegisterValueRefused: (finding) =>
    planned(finding, 'this host shows', 'KVM refuses the value of the register'),
  StoredOtherwise: (finding) =>
    planned(finding, 'KVM keeps', 'KVM accepts the write, but keeps another value'),
  RegisterMissing: (finding) =>
    `the plan specifies ${subject(finding)}, and KVM on this host does not have this register`,
  IllegalCombination: ({ wanted }) =>
    `guests on this host would see ${wanted ?? 'a combination'}, which the architecture does not allow`,
  FieldNotLevelable: (finding) =>
    `${subject(finding)}: members show ${finding.limit ?? 'different bits'}; there is no value that KVM lets all of them show`,
  RequiredFeatureMissing: ({ wanted, limit }) =>
    `${featureNamed(wanted)} is required and ${limit ?? 'absent'}`,
  ImplementationIdNotWritable: (finding) =>
    planned(finding, 'this host shows', 'the kernel of this host cannot show another implementation ID'),
  FirmwareLevelTooHigh: (finding) => planned(finding, 'this host has at most', 'KVM refuses a higher value'),
  FirmwareRegisterMissing: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; KVM on this host does not have this register`,
  CounterFrequencyDiffers: (finding) =>
    planned(finding, 'this host has', 'guests read it without KVM, so KVM cannot change it'),
  CounterFrequencyUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; nobody measured it on this host`,
  ZeroBlockSizeDiffers: (finding) =>
    planned(finding, 'this host has', 'guests read it without KVM, so KVM cannot change it'),
  ZeroBlockSizeUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; nobody measured it on this host`,
  TagLineDiffers: (finding) =>
    planned(finding, 'this host has', 'guests read it without KVM, and use it to maintain memory tags'),
  TagLineUnknown: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; nobody measured it on this host`,
  SveVectorLengthsDiffer: ({ wanted, limit }) =>
    `SVE vector lengths in bits: wanted ${wanted ?? 'none'}, this host has ${limit ?? 'none'}; ` +
    'it cannot give a vCPU exactly the wanted lengths',
  NotTolerated: (finding) =>
    `${subject(finding)} differs between the members of the baseline, and the profile no longer tolerates this`,
}

const REACH_SENTENCES: Readonly<Record<ReachReason, (finding: ReachFinding) => string>> = {
  CounterFrequencyDiffers: (finding) =>
    compared(finding, 'guests read it without KVM, so KVM cannot change it'),
  CounterFrequencyUnknown: (finding) => compared(finding, 'nobody measured it'),
  ZeroBlockSizeDiffers: (finding) => compared(finding, 'guests read it without KVM, so KVM cannot change it'),
  ZeroBlockSizeUnknown: (finding) => compared(finding, 'nobody measured it'),
  TagLineDiffers: (finding) =>
    compared(finding, 'guests read it without KVM, and use it to maintain memory tags'),
  TagLineUnknown: (finding) => compared(finding, 'nobody measured it'),
  SveVectorLengthsUnknown: (finding) =>
    compared(
      finding,
      'nobody knows whether a VM can have the same lengths on both',
      'SVE vector lengths in bits',
    ),
  CoreKindsDiffer: (finding) =>
    compared(finding, 'a VM shows the MIDR_EL1 of the kind of core on which it was made'),
  ImplementationIdUnknown: (finding) => compared(finding, 'the profile does not level it'),
  FirmwareRegistersUnknown: ({ onFrom, onTo }) =>
    'a migration stream contains firmware registers that a host document lacks ' +
    `(on one host: ${onFrom}; on the other: ${onTo})`,
  IpaSizeUnknown: (finding) =>
    compared(finding, 'VMMs choose the memory layout of a VM by it', 'physical addresses of VMs'),
  PmuUnknown: (finding) =>
    compared(finding, 'nobody knows whether guests can use both PMUs in the same way', 'PMU'),
  VcpuFeatureUnknown: ({ onFrom, onTo }) =>
    `nobody knows whether KVM offers a vCPU feature that VMs may have (on one host, ${onFrom}; on the other, ${onTo})`,
  ConfigurationUnknown: (finding) =>
    untold(finding, 'which values a vCPU with the vCPU features of the VMs has'),
  RegisterListUnknown: (finding) =>
    `${untold(finding, 'which registers KVM lists')}; a migration stream may have a register that its destination does not know`,
  RegistersUnknown: ({ onFrom, onTo }) =>
    `a migration stream contains ID registers that a host document lacks (on one host: ${onFrom}; on the other: ${onTo})`,
  WritableUnknown: (finding) =>
    compared(finding, 'nobody knows whether KVM on one host accepts the value of the other'),
  SveVectorLengthsDiffer: (finding) =>
    compared(finding, 'a VM cannot have the same lengths on both', 'SVE vector lengths in bits'),
  ImplementationIdDiffers: (finding) => compared(finding, 'the profile does not level it'),
  FirmwareLevelDiffers: (finding) => compared(finding, 'the profile does not level it'),
  CacheLinesDiffer: (finding) =>
    compared(
      finding,
      'KVM refuses cache lines that are smaller than those of its host, whatever value of CTR_EL0 guests see',
    ),
  RegisterUnclassified: ({ onFrom }) =>
    `KVM of both hosts lists ${onFrom}; nobody knows whether one host accepts the value of the other`,
  MitigationLevelDiffers: (finding) =>
    compared(finding, 'VMs can move only to the host that promises guests more'),
  IpaSizeDiffers: (finding) =>
    compared(
      finding,
      'a VM with the larger addresses does not fit on the other host',
      'physical addresses of VMs',
    ),
  PmuDiffers: (finding) => compared(finding, 'the counters, events or slots differ', 'PMU'),
  VcpuFeatureDiffers: (finding) => compared(finding, 'the profile leaves this vCPU feature to the VMM'),
  RegisterListDiffers: ({ onFrom, onTo }) =>
    `KVM lists different registers (only on one host: ${onFrom}; only on the other: ${onTo}); ` +
    'a migration stream can have a register that its destination does not know',
  FieldDiffers: (finding) =>
    compared(
      finding,
      'the profile does not specify it, and KVM on one host does not accept the value of the other',
    ),
  ToleratedSurplus: (finding) => compared(finding, 'the profile tolerates this surplus'),
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
