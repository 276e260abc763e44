import type { KubeClient } from '../../kube/kube-client.ts'
import { listPages } from '../../kube/list-pages.ts'
import type { Pod } from '../pod.ts'
import { podInMemory } from '../pod-in-memory.ts'
import { PODS } from '../resources.ts'
import { decideSource, type MigrationSource } from './decide-source.ts'
import { CREATED_BY_LABEL, type MigrationClaim } from './migration-claim.ts'
import {
  readPlatformObject,
  VMI_MIGRATIONS,
  VMIS,
  type PlatformObject,
  type VmiMigration,
} from './platform-objects.ts'

const UNREADABLE: PlatformObject<VmiMigration> = 'unreadable'

/**
 * Asks the API server which pod a migration comes from. The controller does not watch pods without a profile, and such a pod may be the
 * source. Rejects with an ApiError if the API server does not answer.
 */
export const findSource = async (
  client: Pick<KubeClient, 'get' | 'list'>,
  pod: Pod,
  claim: MigrationClaim,
): Promise<MigrationSource> => {
  const namespace = pod.metadata.namespace ?? ''
  const { name } = claim.migration
  const [vmi, migration] = await Promise.all([
    readPlatformObject(client, VMIS, { namespace, name: claim.vmi.name }),
    name === undefined ? UNREADABLE : readPlatformObject(client, VMI_MIGRATIONS, { namespace, name }),
  ])
  const candidates: Pod[] = []
  // Not by what the pods say of themselves, where KubeVirt says where the VM runs: its owner may take a label away.
  const node = typeof vmi === 'object' ? vmi.status?.nodeName : undefined
  const selection =
    node === undefined
      ? { labelSelector: `${CREATED_BY_LABEL}=${claim.vmi.uid}` }
      : { fieldSelector: `spec.nodeName=${node}` }
  for await (const { items } of listPages(client, PODS, { namespace, ...selection }))
    candidates.push(...items.map(podInMemory))
  return decideSource({ pod, claim, candidates, vmi, migration })
}
