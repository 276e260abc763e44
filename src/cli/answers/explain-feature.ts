import { conditionText } from '../../arm64/condition-text.ts'
import { UNAPPLIED_CONSTRAINTS, unappliedText } from '../../arm64/unapplied-constraints.ts'
import { FEATURES } from '../../arm64/feature-registry.ts'
import type { Feature } from '../../arm64/feature-row.ts'
import { hwcapNamesOf } from '../../arm64/hwcap-names.ts'
import { positiveFeatures } from '../../arm64/condition.ts'
import { featureWithNeeds } from '../../arm64/require-feature.ts'
import { versionName } from '../../arm64/version-name.ts'
import type { FeatureOnHost } from './feature-on-host.ts'
import type { NamedClass } from '../input/named-class.ts'

export type ExplainedFeature = {
  readonly kind: 'feature'
  readonly feature: string
  readonly hwcaps: readonly string[]
  readonly from?: string
  readonly mandatoryFrom?: string
  /** Where it shows in ID registers; empty if no register that KVM gives a guest shows it. */
  readonly shows: readonly string[]
  /** The features that are disabled together with it; `needs`: those that it brings when it is required. */
  readonly neededBy: readonly string[]
  readonly needs: readonly string[]
  /** Demands of the architecture that we do not apply, and why. */
  readonly notApplied: readonly string[]
  readonly hosts: readonly ({ readonly host: string } & FeatureOnHost)[]
}

const notAppliedTo = (name: string): string[] =>
  UNAPPLIED_CONSTRAINTS.filter(({ constraint }) => positiveFeatures(constraint.given).includes(name)).map(
    unappliedText,
  )

/** What judges hosts is loaded only where there are some: `explain FEAT_X` starts at once. */
const onHosts = async (
  feature: Feature,
  classes: readonly NamedClass[],
): Promise<ExplainedFeature['hosts']> => {
  if (feature.places.length === 0 || classes.length === 0) return []
  const { featureOnHost } = await import('./feature-on-host.ts')
  return classes.map(({ names, host }) => ({ host: names[0] ?? '', ...featureOnHost(feature, host) }))
}

/** A feature: where it shows, what it needs, what needs it, and what the hosts that were given make of it. */
export const explainFeature = async (
  feature: Feature,
  classes: readonly NamedClass[],
): Promise<ExplainedFeature> => {
  const { name, from, mandatoryFrom, places } = feature
  return {
    kind: 'feature',
    feature: name,
    hwcaps: hwcapNamesOf([name]),
    ...(from !== undefined && { from: versionName(from) }),
    ...(mandatoryFrom !== undefined && { mandatoryFrom: versionName(mandatoryFrom) }),
    shows: places.map(
      ({ when, holds, twin }) =>
        conditionText(holds) +
        (when === undefined ? '' : ` if ${conditionText(when)}`) +
        (twin === true ? ' (AArch32 twin, kept in step)' : ''),
    ),
    needs: featureWithNeeds(name).filter((one) => one !== name),
    neededBy: FEATURES.filter((one) => one.name !== name && featureWithNeeds(one.name).includes(name)).map(
      (one) => one.name,
    ),
    notApplied: notAppliedTo(name),
    hosts: await onHosts(feature, classes),
  }
}
