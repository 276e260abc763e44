import type { Finding } from '../api/finding.ts'
import { featuresByName } from '../arm64/feature-registry.ts'
import { fieldByName, registerByName } from '../arm64/register.ts'
import { hwcapNamesOf } from '../arm64/hwcap-names.ts'
import { featuresBetween } from '../arm64/field-features.ts'
import { FINDING_REASONS } from '../plan/finding-reason.ts'
import type { FindingReason } from '../plan/finding-reason.ts'

const rawValues = (texts: readonly (string | undefined)[]): readonly number[] =>
  texts
    .flatMap((text) => text?.split(', ') ?? [])
    .filter((text) => /^0x[0-9a-f]{1,4}$/.test(text))
    .map(Number)

/** The FEAT_ and HWCAP names that tell the wanted value from the limit: ` (FEAT_RNG, rng)`. */
const names = ({ register, field, wanted, limit }: Finding): string => {
  const owner = register === undefined ? undefined : registerByName(register)
  if (owner === undefined || field === undefined || fieldByName(owner, field) === undefined) return ''
  const values = rawValues([wanted, limit])
  const features = values.length < 2 ? [] : featuresBetween(owner.name, field, values)
  const all = [...features, ...hwcapNamesOf(features)]
  return all.length === 0 ? '' : ` (${all.join(', ')})`
}

const subject = (finding: Finding): string => {
  const { register, field } = finding
  if (register === undefined) return ''
  return field === undefined ? register : `${register}.${field}${names(finding)}`
}

const values = ({ wanted, limit }: Finding, between: readonly [string, string]): string =>
  [wanted && `${between[0]} ${wanted}`, limit && `${between[1]} ${limit}`].filter(Boolean).join(', ')

const planned = (finding: Finding, what: string): string =>
  `${subject(finding)}: ${values(finding, ['wanted', 'this host has at most'])}; ${what}`

const compared = (finding: Finding, what: string): string =>
  `${subject(finding)}${subject(finding) === '' ? '' : ': '}${values(finding, ['one host has', 'the other'])}; ${what}`

const featureNamed = (name: string | undefined): string =>
  name !== undefined && featuresByName(name).length > 0 ? name : `the feature ${name ?? ''}`

const SENTENCES: Readonly<Record<FindingReason, (finding: Finding) => string>> = {
  VcpuFeatureMissing: ({ wanted, limit }) =>
    `the plan requires the vCPU feature ${wanted ?? ''}, which KVM does not give here (${limit ?? ''})`,
  ConfigurationUnknown: () => 'the report does not tell what the vCPU features of the plan show here',
  FieldAboveLimit: (finding) => planned(finding, 'KVM cannot show more than the host has'),
  FieldNotWritable: (finding) =>
    `${subject(finding)}: ${values(finding, ['wanted', 'this host shows'])}; KVM does not let the field be changed`,
  FieldValueRefused: (finding) =>
    `${subject(finding)}: ${values(finding, ['wanted', 'this host shows'])}; KVM does not take this value in its place`,
  RegisterValueRefused: (finding) =>
    `${subject(finding)}: ${values(finding, ['wanted', 'this host shows'])}; KVM refuses the value of the register`,
  StoredOtherwise: (finding) =>
    `${subject(finding)}: ${values(finding, ['wanted', 'KVM keeps'])}; it takes the write and ignores it`,
  RegisterMissing: (finding) => `${subject(finding)} is specified, and this host's KVM does not list it`,
  IllegalCombination: ({ wanted }) =>
    `guests of this host would see ${wanted ?? 'a combination'}, which the architecture does not allow`,
  FieldNotLevelable: (finding) =>
    `${subject(finding)}: members show ${finding.limit ?? 'different bits'}; KVM lets them show no value in common`,
  RequiredFeatureMissing: ({ wanted, limit }) =>
    `${featureNamed(wanted)} is required and ${limit ?? 'absent'}`,
  ImplementationIdNotWritable: (finding) =>
    `${subject(finding)}: ${values(finding, ['wanted', 'this host shows'])}; its kernel cannot show another implementation ID`,
  ImplementationIdDiffers: (finding) => compared(finding, 'the profile leaves it to the host'),
  FirmwareLevelTooHigh: (finding) => planned(finding, 'KVM refuses more'),
  FirmwareRegisterMissing: (finding) =>
    `${subject(finding)}: wanted ${finding.wanted ?? ''}; this host's KVM does not have the register`,
  FirmwareLevelDiffers: (finding) => compared(finding, 'the profile does not level it'),
  MitigationLevelDiffers: (finding) =>
    compared(finding, 'VMs can only move to the host that promises guests more'),
  CounterFrequencyDiffers: (finding) =>
    `${subject(finding)}: ${values(finding, ['one side has', 'the other'])}; guests read it untrapped and KVM cannot change it`,
  CounterFrequencyUnknown: (finding) =>
    `${subject(finding)}: ${values(finding, ['one side has', 'the other'])}; it could not be measured`,
  ZeroBlockSizeDiffers: (finding) =>
    `${subject(finding)}: ${values(finding, ['one side has', 'the other'])}; guests read it untrapped and KVM cannot change it`,
  ZeroBlockSizeUnknown: (finding) =>
    `${subject(finding)}: ${values(finding, ['one side has', 'the other'])}; it could not be measured`,
  TagLineDiffers: (finding) =>
    `${subject(finding)}: ${values(finding, ['one side has', 'the other'])}; guests read it untrapped, and maintain memory tags by it`,
  TagLineUnknown: (finding) =>
    `${subject(finding)}: ${values(finding, ['one side has', 'the other'])}; it could not be read`,
  SveVectorLengthsDiffer: (finding) =>
    `SVE vector lengths in bits: ${values(finding, ['one side has', 'the other'])}; a VM cannot have the same on both`,
  IpaSizeDiffers: (finding) =>
    `physical addresses of VMs: ${values(finding, ['one host has', 'the other'])}; a VM laid out for more does not fit where there is less`,
  PmuDiffers: (finding) =>
    `PMU: ${values(finding, ['one host has', 'the other'])}; counters or events are not the same`,
  VcpuFeatureDiffers: (finding) => compared(finding, 'the profile leaves this vCPU feature to the VMM'),
  RegisterListDiffers: ({ wanted, limit }) =>
    `KVM lists other registers: only the one host ${wanted ?? 'none'}, only the other ${limit ?? 'none'}; a migration stream has a register its destination does not know`,
  FieldDiffers: (finding) =>
    compared(finding, 'the profile does not specify it and KVM cannot bring it together'),
  ToleratedSurplus: (finding) => compared(finding, 'a tolerated surplus'),
  NotTolerated: (finding) =>
    `${subject(finding)} differs between members, which the profile does not tolerate any more`,
}

const isReason = (reason: string): reason is FindingReason => Object.hasOwn(FINDING_REASONS, reason)

/** A finding as one sentence: field, FEAT_ and HWCAP concerned, what was wanted, the limit, and what would help. */
export const renderFinding = (finding: Finding): string => {
  const { reason, remedy } = finding
  const what = isReason(reason) ? SENTENCES[reason](finding) : `${subject(finding)}: ${reason}`
  return `${what}. Remedy: ${remedy}.`
}
