import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { VcpuFeaturePolicies } from '../../api/vcpu-feature-policy.ts'
import { KNOWN_VERSIONS, architectureVersion } from '../../arm64/architecture-version.ts'
import { unappliedText, unappliedTo } from '../../arm64/unapplied-constraints.ts'
import { namesWithMore } from '../../catalogue/names-with-more.ts'
import type { NotAccepted } from '../compile-result.ts'
import { constraintSet, firstContradiction } from './constraint-set.ts'
import type { ConstraintSet } from './constraint-set.ts'
import { disabledFields, requiredFields } from './feature-field-constraints.ts'
import { featureEntries } from './feature-entries.ts'
import type { FeatureEntries, FeatureEntry } from './feature-entries.ts'
import type { FieldConstraint } from './field-constraint.ts'
import { policiesOfConstraints } from './policies-of-constraints.ts'
import { registerEntries } from './register-entries.ts'
import { tolerance } from '../baseline/tolerated-kind.ts'
import type { Tolerance } from '../baseline/tolerated-kind.ts'
import { vcpuPolicies } from './vcpu-policies.ts'

/** A spec with every name resolved and without contradictions; it does not depend on hosts. */
export type ResolvedSpec = {
  readonly kind: 'resolved'
  readonly spec: CpuFeatureProfileSpec
  readonly disabled: readonly FeatureEntry[]
  readonly required: readonly FeatureEntry[]
  readonly constraints: ConstraintSet
  /** Those of `registers` alone. */
  readonly exact: readonly FieldConstraint[]
  readonly policies: VcpuFeaturePolicies
  readonly tolerates: Tolerance
  readonly notes: readonly string[]
  /** The dependents of the disabled features on a host that has everything. */
  readonly dependents: readonly string[]
}

const unknownVersion = ({ base }: CpuFeatureProfileSpec): NotAccepted | undefined =>
  base.architecture === undefined || architectureVersion(base.architecture.version) !== undefined
    ? undefined
    : {
        kind: 'not-accepted',
        reason: 'UnknownVersion',
        message: `spec.base.architecture.version: the features of ${base.architecture.version} are not known; known are ${KNOWN_VERSIONS}`,
      }

const nothingToTakeFrom = ({ base, implementation }: CpuFeatureProfileSpec): NotAccepted | undefined => {
  if (implementation?.midr !== 'FromBaseline') return undefined
  const place = base.host === undefined ? 'spec.base.view.registers' : 'spec.base'
  const has = base.host === undefined && (base.view === undefined || base.view.registers['MIDR_EL1'])
  if (has) return undefined
  return {
    kind: 'not-accepted',
    reason: 'NoBaselineToTakeFrom',
    message: `spec.implementation.midr: FromBaseline takes the MIDR_EL1 of the base, and ${place} has none; give the value itself`,
  }
}

type Fields = {
  readonly kind: 'fields'
  readonly constraints: readonly FieldConstraint[]
  readonly dependents: readonly string[]
  /** The disabled features and their dependents. */
  readonly removed: readonly string[]
}

/** Names the dependents of a disabled feature, if it has any. */
export const dependentsNote = (name: string, removed: readonly string[]): readonly string[] => {
  const dependents = removed.filter((one) => one !== name)
  if (dependents.length === 0) return []
  return [`${name} Disabled also disables what depends on it: ${namesWithMore(dependents, 16)}`]
}

const featureFields = ({ disabled, required }: FeatureEntries): Fields | NotAccepted => {
  const constraints = required.flatMap(requiredFields)
  const [dependents, removed]: [string[], string[]] = [[], []]
  for (const entry of disabled) {
    const fields = disabledFields(entry)
    if (fields.kind === 'cannot') {
      return {
        kind: 'not-accepted',
        reason: 'NotSpecifiable',
        message: `${entry.place}: ${entry.name} cannot be disabled (${fields.why})`,
      }
    }
    constraints.push(...fields.constraints)
    dependents.push(...dependentsNote(entry.name, fields.removed))
    removed.push(...fields.removed)
  }
  return { kind: 'fields', constraints, dependents, removed }
}

const MOST_LISTED = 4

/** Names the constraints of the architecture on these features that nothing can enforce in a guest. */
const unappliedNote = (removed: readonly string[], required: readonly string[]): readonly string[] => {
  const found = unappliedTo(removed, required)
  if (found.length === 0) return []
  const more = found.length > MOST_LISTED ? `; and ${found.length - MOST_LISTED} more` : ''
  return [`not applied: ${found.slice(0, MOST_LISTED).map(unappliedText).join('; ')}${more}`]
}

/** Resolves the names of a spec and combines its entries, or says what its owner must correct. */
export const resolveSpec = (spec: CpuFeatureProfileSpec): ResolvedSpec | NotAccepted => {
  const refused = unknownVersion(spec) ?? nothingToTakeFrom(spec)
  if (refused !== undefined) return refused
  const entries = featureEntries(spec)
  if (entries.kind === 'not-accepted') return entries
  const registers = registerEntries(spec)
  if (registers.kind === 'not-accepted') return registers
  const fields = featureFields(entries)
  if (fields.kind === 'not-accepted') return fields
  const constraints = constraintSet([...registers.constraints, ...fields.constraints])
  const contradiction = firstContradiction(constraints)
  if (contradiction !== undefined) return contradiction
  const defaults = vcpuPolicies(spec)
  const { required } = entries
  const policies = policiesOfConstraints(
    { constraints, required },
    spec.vcpuFeatures ?? {},
    defaults.policies,
  )
  if (policies.kind === 'not-accepted') return policies
  return {
    kind: 'resolved',
    spec,
    disabled: entries.disabled,
    required,
    constraints,
    exact: registers.constraints,
    policies: policies.policies,
    tolerates: tolerance(spec, policies.policies, entries.tolerated),
    notes: [
      ...defaults.notes,
      ...policies.notes,
      ...unappliedNote(
        fields.removed,
        required.map(({ name }) => name),
      ),
    ],
    dependents: fields.dependents,
  }
}
