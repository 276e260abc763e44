import { disableFeature } from '../../arm64/disable-feature.ts'
import type { FieldChange } from '../../arm64/disable-feature.ts'
import { hasFeature } from '../../arm64/feature.ts'
import { setField } from '../../arm64/field.ts'
import { fieldByName, fieldNamed, registerByName } from '../../arm64/register.ts'
import type { GuestView } from '../../arm64/register.ts'
import { showableValues } from '../../prediction/greatest-common-value.ts'
import type { PredictionHost } from '../../prediction/prediction-host.ts'
import { changesOfFeature } from '../spec/feature-field-constraints.ts'

const isShowable = (host: PredictionHost, { register, field: name, to }: FieldChange): boolean => {
  const owner = registerByName(register)
  const field = owner && fieldByName(owner, name)
  return owner !== undefined && field !== undefined && showableValues(host, owner, field).includes(to)
}

const withChanges = (view: GuestView, changes: readonly FieldChange[]): GuestView => {
  const changed = new Map(view)
  for (const { register, field: name, to } of changes) {
    const field = fieldNamed(register, name)
    const value = changed.get(register)
    if (field !== undefined && value !== undefined) changed.set(register, setField(value, field, to))
  }
  return changed
}

/** The changes that hide a feature and its dependents; undefined if a feature that must stay would go too. */
const hidingChanges = (
  view: GuestView,
  name: string,
  kept: readonly string[],
): readonly FieldChange[] | undefined => {
  const disabled = disableFeature(view, name)
  if (disabled.kind === 'cannot' || disabled.removed.some((one) => kept.includes(one))) return undefined
  return changesOfFeature(name, disabled.changes)
}

/** The features beyond a version, and those that guests keep with everything they need. The nodes decide the rest of the view. */
export type BeyondVersion = { readonly beyond: readonly string[]; readonly kept: readonly string[] }

/** The features beyond the version that a view still has and that no kept feature needs. */
export const seenBeyond = (view: GuestView, { beyond, kept }: BeyondVersion): readonly string[] =>
  beyond.filter((name) => hasFeature(view, name) && hidingChanges(view, name, kept) !== undefined)

/**
 * The members' common view without the features beyond the version. A feature that some member's KVM lets nobody hide (FEAT_FP16 up to
 * Linux 7.3) stays: every member has it, so hiding it would leave that member out and help no other.
 */
export const architectureView = (
  common: GuestView,
  version: BeyondVersion,
  members: readonly PredictionHost[],
): GuestView =>
  version.beyond.reduce((view, name) => {
    const changes = hasFeature(view, name) ? hidingChanges(view, name, version.kept) : undefined
    const canHide = changes?.every((change) => members.every((host) => isShowable(host, change)))
    return changes !== undefined && canHide === true ? withChanges(view, changes) : view
  }, common)
