import type { CpuFeatureProfileRevision } from '../api/cpu-feature-profile-revision.ts'
import { REVISION_FINALIZER } from '../api/names.ts'
import type { JsonPatchOperation, KubeClient } from '../kube/kube-client.ts'
import { REVISIONS } from './resources.ts'
import { patchTested } from './patch-tested.ts'

type Client = Pick<KubeClient, 'patchJson'>

const setFinalizers = (revision: CpuFeatureProfileRevision, value: string[]): JsonPatchOperation[] => [
  { op: 'test', path: '/metadata/resourceVersion', value: revision.metadata.resourceVersion },
  { op: 'add', path: '/metadata/finalizers', value },
]

/** Puts our finalizer on a revision; 409 where it has changed since it was looked at. */
export const holdRevision = async (client: Client, revision: CpuFeatureProfileRevision): Promise<void> => {
  const { name, finalizers = [] } = revision.metadata
  const all = [...finalizers, REVISION_FINALIZER]
  await patchTested(client, REVISIONS, { name }, { operations: setFinalizers(revision, all) })
}

/** Takes our finalizer off a revision, and no other; 409 where it has changed since it was looked at. */
export const releaseRevision = async (client: Client, revision: CpuFeatureProfileRevision): Promise<void> => {
  const { name, finalizers = [] } = revision.metadata
  const others = finalizers.filter((one) => one !== REVISION_FINALIZER)
  await patchTested(client, REVISIONS, { name }, { operations: setFinalizers(revision, others) })
}
