import { kubevirtOwner } from '../kubevirt-owner.ts'
import type { Pod } from '../pod.ts'

/** Label on every pod of a VM: the uid of its VirtualMachineInstance (kubevirt.io/api core/v1, CreatedByLabel). */
export const CREATED_BY_LABEL = 'kubevirt.io/created-by'
/** Label on the target pod of a live migration: the uid of its VirtualMachineInstanceMigration (MigrationJobLabel). */
export const MIGRATION_LABEL = 'kubevirt.io/migrationJobUID'
/** Annotation on the same pod: the name of that object (MigrationJobNameAnnotation). */
export const MIGRATION_NAME_ANNOTATION = 'kubevirt.io/migrationJobName'

/** What a pod says of the migration whose target it is. Admission believes it from the service accounts of the platform alone. */
export type MigrationClaim = {
  readonly vmi: { readonly name: string; readonly uid: string }
  readonly migration: { readonly name: string | undefined; readonly uid: string }
}

/** The VirtualMachineInstance that owns a pod, as both its owner reference and its label say; undefined if they do not agree. */
export const vmiOf = ({ metadata }: Pod): MigrationClaim['vmi'] | undefined => {
  const owner = kubevirtOwner(metadata.ownerReferences, 'VirtualMachineInstance')
  if (owner === undefined || owner.uid !== metadata.labels?.[CREATED_BY_LABEL]) return undefined
  return { name: owner.name, uid: owner.uid }
}

/**
 * The migration whose target a pod claims to be; `unclear` if it does not say of which VM: KubeVirt takes it for a target by its label
 * alone. Undefined for any other pod.
 */
export const migrationClaim = (pod: Pod): MigrationClaim | 'unclear' | undefined => {
  const { labels, annotations } = pod.metadata
  const uid = labels?.[MIGRATION_LABEL] ?? ''
  if (uid === '') return undefined
  const vmi = vmiOf(pod)
  return vmi === undefined
    ? 'unclear'
    : { vmi, migration: { name: annotations?.[MIGRATION_NAME_ANNOTATION], uid } }
}
