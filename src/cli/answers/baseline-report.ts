import { fieldName } from '../../arm64/field-ref.ts'
import type { Baseline, CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { PlanFinding, ToleratedDifference } from '../../api/finding.ts'
import { fromHex64, toHex64 } from '../../api/hex64.ts'
import { getField } from '../../arm64/field.ts'
import { FEATURE_ID_REGISTERS } from '../../arm64/register.ts'
import { compileProfile } from '../../profile/compile-profile.ts'
import type { CompileResult } from '../../profile/compile-result.ts'
import { largestSubsets } from '../../profile/baseline/common-subsets.ts'
import { featuresBetween } from '../../arm64/field-features.ts'
import { IMPLEMENTATION_ID_REGISTERS, isSpecifiable } from '../../plan/specifiable.ts'
import { areTrialsWhole, limitViewOf } from '../../prediction/prediction-host.ts'
import { assumingUntrapped } from '../input/assumed-untrapped.ts'
import { pairsUnder } from './check-report.ts'
import type { PairReach } from './check-report.ts'
import { InputError } from '../input/input-error.ts'
import { classLabel } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'
import type { LiteralView } from '../input/parse-document.ts'

/** A field of which a class shows less under the baseline than it could. */
export type LoweredField = {
  readonly register: string
  readonly field: string
  readonly common: string
  readonly from: string
  readonly classes: readonly NamedClass[]
  readonly features: readonly string[]
}

/** What hosts have in common; or why they have nothing in common, and which of them do. */
export type BaselineReport =
  | {
      readonly kind: 'common'
      readonly view: LiteralView
      readonly members: readonly NamedClass[]
      readonly leftOut: readonly NamedClass[]
      readonly lowered: readonly LoweredField[]
      readonly tolerated: readonly ToleratedDifference[]
      readonly pairs: readonly PairReach[]
      readonly notes: readonly string[]
    }
  | {
      readonly kind: 'nothing-in-common'
      readonly classes: readonly NamedClass[]
      readonly message: string
      readonly findings: readonly PlanFinding[]
      /** The largest sets of classes that do have a view in common, largest first. */
      readonly subsets: readonly (readonly NamedClass[])[]
    }

type Compiled = Extract<CompileResult, { kind: 'compiled' }> & { readonly baseline: Baseline }

const compile = (spec: CpuFeatureProfileSpec, classes: readonly NamedClass[]): CompileResult =>
  compileProfile({ spec, hosts: assumingUntrapped(classes) })

const isCommon = (result: CompileResult, classes: readonly NamedClass[]): result is Compiled =>
  result.kind === 'compiled' && result.baseline?.classes.length === classes.length

const viewOf = ({ baseline, plan }: Compiled): LiteralView => ({
  registers: Object.fromEntries(
    Object.entries(baseline.registers).filter(
      ([name]) => plan.implementation !== undefined || !IMPLEMENTATION_ID_REGISTERS.has(name),
    ),
  ),
  firmwareRegisters: Object.fromEntries(
    baseline.firmwareRegisters.map(({ register, value }) => [register, value]),
  ),
  registerList: baseline.registerList,
  untrapped: baseline.untrapped,
  ...(plan.sveVectorLengths && { sveVectorLengths: plan.sveVectorLengths }),
})

type Lowering = Omit<LoweredField, 'classes'>

const loweringsOf = ({ host }: NamedClass, { registers, tolerated }: Baseline): Lowering[] => {
  const view = limitViewOf(host) ?? new Map<string, bigint>()
  return FEATURE_ID_REGISTERS.flatMap(({ name, fields }) => {
    const [own, common] = [view.get(name), registers[name]]
    if (own === undefined || common === undefined || IMPLEMENTATION_ID_REGISTERS.has(name)) return []
    return fields.flatMap((field): Lowering[] => {
      const [from, to] = [getField(own, field), getField(fromHex64(common), field)]
      const isTolerated = tolerated.some((entry) => entry.register === name && entry.field === field.name)
      if (from === to || isTolerated || !isSpecifiable(name, field)) return []
      const features = featuresBetween({ register: name, field }, [from, to])
      return [
        {
          register: name,
          field: field.name,
          common: toHex64(BigInt(to)),
          from: toHex64(BigInt(from)),
          features,
        },
      ]
    })
  })
}

const loweredFields = (members: readonly NamedClass[], baseline: Baseline): LoweredField[] => {
  const lowered = members.flatMap((one) => loweringsOf(one, baseline).map((lowering) => ({ one, lowering })))
  const groups = Map.groupBy(lowered, ({ lowering }) => `${fieldName(lowering)} ${lowering.from}`)
  return [...groups.values()].flatMap((group) =>
    group.slice(0, 1).map(({ lowering }) => ({ ...lowering, classes: group.map(({ one }) => one) })),
  )
}

/** Without a host that a baseline can be taken from, no set of them has a view either. */
const largestOf = (
  spec: CpuFeatureProfileSpec,
  classes: readonly NamedClass[],
  reason: string,
): readonly (readonly NamedClass[])[] =>
  reason === 'NoCommonView'
    ? largestSubsets(classes, (subset) => subset.length === 1 || isCommon(compile(spec, subset), subset))
    : []

const notCompiled = (
  spec: CpuFeatureProfileSpec,
  classes: readonly NamedClass[],
  result: Exclude<CompileResult, { kind: 'compiled' }>,
): BaselineReport => {
  if (result.kind === 'not-accepted')
    throw new InputError(result.message.replace(/^spec\.tolerate\.features\[\d+\]/, '--tolerate'))
  return {
    kind: 'nothing-in-common',
    classes,
    message: result.message,
    findings: 'findings' in result ? result.findings : [],
    subsets: largestOf(spec, classes, result.reason),
  }
}

/** Notes on untried hosts: only the rules say what they can show, and without masks nothing can be lowered. */
const untriedNotes = (members: readonly NamedClass[]): readonly string[] => {
  const untried = members.filter(({ host }) => !areTrialsWhole(host)).map(classLabel)
  return untried.length === 0
    ? []
    : [`unproven: nobody tried values on ${untried.join(', ')}, so only the rules say what its KVM accepts`]
}

/**
 * The baseline of host classes under a spec of base `nodes`: the view, what each class gives up for it, and which classes it leaves
 * out. Throws InputError if the spec has a mistake.
 */
export const baselineReport = (
  spec: CpuFeatureProfileSpec,
  classes: readonly NamedClass[],
): BaselineReport => {
  const result = compile(spec, classes)
  if (result.kind !== 'compiled' || result.baseline === undefined)
    return result.kind === 'compiled'
      ? { kind: 'nothing-in-common', classes, message: 'no baseline was taken', findings: [], subsets: [] }
      : notCompiled(spec, classes, result)
  const { baseline, plan, notes } = result
  const members = classes.filter((one) => baseline.classes.includes(one.class))
  return {
    kind: 'common',
    view: viewOf({ ...result, baseline }),
    members,
    leftOut: classes.filter((one) => !members.includes(one)),
    lowered: loweredFields(members, baseline),
    tolerated: baseline.tolerated,
    pairs: pairsUnder(plan, classes),
    notes: [...notes, ...untriedNotes(members)],
  }
}
