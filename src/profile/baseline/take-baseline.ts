import { EVERY_BIT } from '../../arm64/bits.ts'
import { fieldName } from '../../arm64/field-ref.ts'
import { MOST_CLASSES, MOST_HIDDEN_MIDRS, type Baseline } from '../../api/cpu-feature-profile.ts'
import type { PlanFinding, ToleratedDifference } from '../../api/finding.ts'
import { fromHex64, toHex64 } from '../../api/hex64.ts'
import { getField } from '../../arm64/field.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import type { FeatureIdRegister } from '../../arm64/register.ts'
import { NO_TRIALS } from '../../prediction/trial-results.ts'
import type { PredictionHost } from '../../prediction/prediction-host.ts'
import { commonFirmware } from './common-firmware.ts'
import { commonListExclusions, sortedIds } from './common-list-exclusions.ts'
import { commonSveLengths } from './common-sve-lengths.ts'
import { commonUntrapped } from './common-untrapped.ts'
import { isUnknownFit } from '../../catalogue/plan-reasons.ts'
import { toldSveLengths } from '../../prediction/told-of-host.ts'
import { commonRegister } from './common-register.ts'
import type { UnlevelledField } from './common-register.ts'
import type { Member } from './member.ts'
import { isTagLine } from '../../plan/untrapped.ts'
import { toleratedKind } from './tolerated-kind.ts'
import type { Tolerance } from './tolerated-kind.ts'
import { isUnknownToGuests } from './unknown-to-guests.ts'
import { unlevelledFinding } from './unlevelled-finding.ts'

/** What members have in common, or why they have nothing in common that KVM lets each of them show. */
export type TakenBaseline =
  | { readonly kind: 'taken'; readonly baseline: Baseline }
  | { readonly kind: 'no-common-view'; readonly findings: readonly PlanFinding[] }

/** The terms on which a baseline is taken; `bound` is an earlier one that it must not rise above. */
export type BaselineTerms = {
  readonly generation: number
  readonly tolerates: Tolerance
  readonly hidesMidr: boolean
  readonly bound?: Baseline
}

/** A baseline as if it were a host on which a VMM can lower every field. */
const boundAsHost = ({ registers }: Baseline): PredictionHost => ({
  limitView: new Map(Object.entries(registers).map(([name, value]) => [name, fromHex64(value)])),
  masks: new Map(Object.keys(registers).map((name) => [name, EVERY_BIT])),
  implementationIdWritable: true,
  vcpuFeatures: [],
  trials: NO_TRIALS,
})

type Common = { readonly values: Map<string, string>; readonly unlevelled: UnlevelledField[] }

const commonView = (hosts: readonly PredictionHost[]): Common => {
  const common: Common = { values: new Map(), unlevelled: [] }
  for (const register of FEATURE_ID_REGISTERS) {
    if (hosts.some(({ limitView }) => !limitView.has(register.name))) continue
    const { value, unlevelled } = register.traits.includes('TakenWhole')
      ? { value: hosts[0]?.limitView.get(register.name) ?? 0n, unlevelled: [] }
      : commonRegister(register, hosts)
    common.values.set(register.name, toHex64(value))
    common.unlevelled.push(...unlevelled)
  }
  return common
}

/** The fields that keep members from having a view in common, in a clause. */
export const notLevelable = (findings: readonly PlanFinding[]): string => {
  const fields = findings.map(({ register = '', field }) => fieldName({ register, field })).join(', ')
  return findings.every(isUnknownFit)
    ? `nobody knows whether these fields can be levelled: ${fields}`
    : `these fields cannot be levelled: ${fields}`
}

type Judged = { readonly tolerated: ToleratedDifference[]; readonly findings: PlanFinding[] }

/** What the hosts have in common of a field by its rule. No guest is promised more than that. */
const promised = (
  { register, field }: UnlevelledField,
  values: ReadonlyMap<string, string>,
): Pick<ToleratedDifference, 'value'> => {
  const common = values.get(register)
  if (field === undefined || common === undefined || isTagLine({ register, field: field.name })) return {}
  return { value: getField(fromHex64(common), field) }
}

const judge = (
  unlevelled: readonly UnlevelledField[],
  tolerates: Tolerance,
  values: ReadonlyMap<string, string>,
  members: readonly Member[],
): Judged => {
  const judged: Judged = { tolerated: [], findings: [] }
  const pfr0 = fromHex64(values.get('ID_AA64PFR0_EL1') ?? '0x0')
  for (const entry of unlevelled) {
    const kind = isUnknownToGuests(entry.register, pfr0) ? 'Inert' : toleratedKind(entry, tolerates)
    if (kind === undefined || entry.field === undefined) {
      judged.findings.push(unlevelledFinding(entry, tolerates.vcpuFeatures, members))
    } else
      judged.tolerated.push({
        register: entry.register,
        field: entry.field.name,
        kind,
        ...promised(entry, values),
      })
  }
  return judged
}

const union = (
  a: readonly ToleratedDifference[],
  b: readonly ToleratedDifference[],
): ToleratedDifference[] => [...new Map([...a, ...b].map((entry) => [fieldName(entry), entry])).values()]

const registersByName = new Map<string, FeatureIdRegister>(
  FEATURE_ID_REGISTERS.map((register) => [register.name, register]),
)

const exclusions = (
  members: readonly Member[],
  tolerated: readonly ToleratedDifference[],
  bound: Baseline | undefined,
): string[] =>
  sortedIds([
    ...(bound?.registerList.exclude ?? []),
    ...commonListExclusions(members.map(({ limits }) => limits)),
    ...tolerated
      // A stream carries CTR_EL0 as KVM shows it to user space, which is without TminLine.
      .filter((one) => !isTagLine(one))
      .map(({ register }) => toHex64(registersByName.get(register)?.kvmRegisterId ?? 0n)),
  ])

const implementationOf = (
  reference: Member | undefined,
  bound: Baseline | undefined,
): Baseline['implementation'] => (bound === undefined ? reference?.host.cpu : bound.implementation)

const hiddenMidrs = (
  members: readonly Member[],
  shown: string | undefined,
  terms: BaselineTerms,
): string[] =>
  terms.hidesMidr
    ? sortedIds([
        ...(terms.bound?.hiddenMidrs ?? []),
        ...members.map(({ host }) => host.cpu.midr).filter((midr) => midr !== shown),
      ]).slice(0, MOST_HIDDEN_MIDRS)
    : []

const firmwareOf = (members: readonly Member[], bound: Baseline | undefined): Baseline['firmwareRegisters'] =>
  commonFirmware([
    ...(bound
      ? [new Map(bound.firmwareRegisters.map(({ register, value }) => [register, fromHex64(value)] as const))]
      : []),
    ...members.map(({ limits }) => limits.firmware),
  ])

const sveLengthsOf = (members: readonly Member[], bound: Baseline | undefined): number[] =>
  commonSveLengths([
    ...(bound?.sveVectorLengths === undefined ? [] : [bound.sveVectorLengths]),
    // One of unknown lengths does not lower the others: its verdict is unknown.
    ...members.flatMap(({ host }) => {
      const lengths = toldSveLengths(host)
      return lengths === undefined ? [] : [lengths]
    }),
  ])

/**
 * The classes of the members, and of earlier ones as far as there is room. The oldest fleet sees more classes than a status can list. A
 * class that is not listed counts as new if it comes back, and such a class can show the baseline.
 */
const classesOf = (members: readonly Member[], bound: Baseline | undefined): string[] => {
  const present = [...new Set(members.map((member) => member.class))].sort()
  const earlier = (bound?.classes ?? []).filter((one) => !present.includes(one))
  return [...present, ...earlier].slice(0, MOST_CLASSES).sort()
}

/**
 * The greatest guest view common to the members, field by field, that every one's KVM lets it show. `members` are in reference
 * order, not empty, and already agree on what guests read untrapped.
 */
export const takeBaseline = (members: readonly Member[], terms: BaselineTerms): TakenBaseline => {
  const { bound } = terms
  const hosts = [
    ...(bound === undefined ? [] : [boundAsHost(bound)]),
    ...members.map(({ prediction }) => prediction),
  ]
  const { values, unlevelled } = commonView(hosts)
  const common = commonUntrapped(members, values.get('CTR_EL0'), bound)
  const judged = judge([...unlevelled, ...common.unlevelled], terms.tolerates, values, members)
  if (judged.findings.length > 0) return { kind: 'no-common-view', findings: judged.findings }
  const tolerated = union(bound?.tolerated ?? [], judged.tolerated)
  const implementation = implementationOf(members[0], bound)
  return {
    kind: 'taken',
    baseline: {
      generation: terms.generation,
      registers: Object.fromEntries(values),
      ...(implementation && { implementation }),
      firmwareRegisters: firmwareOf(members, bound),
      registerList: { exclude: exclusions(members, tolerated, bound) },
      untrapped: common.untrapped,
      sveVectorLengths: sveLengthsOf(members, bound),
      tolerated,
      classes: classesOf(members, bound),
      hiddenMidrs: hiddenMidrs(members, implementation?.midr, terms),
    },
  }
}
