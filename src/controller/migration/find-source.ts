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
  const siblings: Pod[] = []
  const labelSelector = `${CREATED_BY_LABEL}=${claim.vmi.uid}`
  for await (const { items } of listPages(client, PODS, { namespace, labelSelector }))
    siblings.push(...items.map(podInMemory))
  return decideSource({ pod, claim, siblings, vmi, migration })
}
