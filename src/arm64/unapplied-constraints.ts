import { mentionedFeatures, positiveFeatures } from './condition.ts'
import { conditionText } from './condition-text.ts'
import { isAboutEl2 } from './feature-constraints.ts'
import { featureByName } from './feature-registry.ts'
import type { FeatureConstraint } from './feature-row.ts'
import { FEATURE_CONSTRAINTS } from './feature-table.generated.ts'
import { versionName } from './version-name.ts'

/** A constraint that is not judged, and why. */
export type UnappliedConstraint = { readonly constraint: FeatureConstraint; readonly why: string }

const hiddenNames = ({ given, needs }: FeatureConstraint): readonly string[] => [
  ...new Set(
    [...mentionedFeatures(given), ...mentionedFeatures(needs)].filter(
      (name) => versionName(name) === name && (featureByName(name)?.places.length ?? 0) === 0,
    ),
  ),
]

const whyNotApplied = (constraint: FeatureConstraint): string | undefined => {
  switch (constraint.notApplied) {
    case 'architecture version':
      return 'no ID register tells the architecture version'
    case 'no ID register':
      return `no ID register tells ${hiddenNames(constraint).join(', ')}`
    case undefined:
      return isAboutEl2(constraint) ? 'it is about what only EL2 can use' : undefined
    default:
      return constraint.notApplied satisfies never
  }
}

/**
 * The constraints that are not applied to a guest view: those that name an architecture version or a feature without an ID
 * register, and those about what acts at EL2 only, which KVM's guests do not have.
 */
export const UNAPPLIED_CONSTRAINTS: readonly UnappliedConstraint[] = FEATURE_CONSTRAINTS.flatMap(
  (constraint) => {
    const why = whyNotApplied(constraint)
    return why === undefined ? [] : [{ constraint, why }]
  },
)

/** A constraint as Arm has it, and why it is not applied: `FEAT_SHA512 needs FEAT_Crypto (no ID register tells FEAT_Crypto)`. */
export const unappliedText = ({ constraint: { given, needs }, why }: UnappliedConstraint): string =>
  `${conditionText(given)} needs ${conditionText(needs)} (${why})`

/**
 * The features that would be disabled, or required, together with these if a register told of them. Features that only EL2 can use are
 * left out, because guests do not miss them.
 */
export const unappliedTo = (
  disabled: readonly string[],
  required: readonly string[],
): readonly UnappliedConstraint[] =>
  UNAPPLIED_CONSTRAINTS.filter(
    ({ constraint: { given, needs, notApplied } }) =>
      notApplied !== undefined &&
      (positiveFeatures(needs).some((name) => disabled.includes(name)) ||
        positiveFeatures(given).some((name) => required.includes(name))),
  )
