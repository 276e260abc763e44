import type { NodeCpuFeaturesStatus } from '../../api/node-cpu-features.ts'
import type { OwnerReference } from '../../api/object-meta.ts'
import { getIfThere } from '../../kube/get-if-there.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import { unchanged } from '../../kube/unchanged.ts'
import { REPORTS } from '../../api/resources.ts'
import { NODES } from '../resources.ts'

/** What publishing did: zero, one or two writes. */
export type Published = 'unchanged' | 'updated' | 'created'

export type ReportToPublish = {
  nodeName: string
  /** The desired status of the report, given the present one. Pure. */
  status: (previous: NodeCpuFeaturesStatus | undefined) => NodeCpuFeaturesStatus
  signal: AbortSignal
}

const ownedBy = (nodeName: string, uid: string): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'Node',
  name: nodeName,
  uid,
})

/**
 * Brings the NodeCpuFeatures of a node up to date, and writes only differences. The Node owns its report, even a Node that was
 * deleted and created again under the same name; otherwise the garbage collector would remove the report.
 *
 * @throws ApiError; it is a 409 if another write came in between: call again.
 */
export const publishReport = async (client: KubeClient, report: ReportToPublish): Promise<Published> => {
  const { nodeName, signal } = report
  const node = await client.get(NODES, { name: nodeName }, { signal })
  const owner = ownedBy(nodeName, node.metadata.uid ?? '')
  const found = await getIfThere(client, REPORTS, { name: nodeName }, signal)
  if (found === undefined) {
    const created = await client.create(
      REPORTS,
      {
        apiVersion: REPORTS.apiVersion,
        kind: 'NodeCpuFeatures',
        metadata: { name: nodeName, ownerReferences: [owner] },
      },
      { signal },
    )
    await client.update(
      REPORTS,
      { ...created, status: report.status(undefined) },
      { signal, subresource: 'status' },
    )
    return 'created'
  }
  const owned = found.metadata.ownerReferences?.some((one) => one.uid === owner.uid) ?? false
  const current = owned
    ? found
    : await client.patchMerge(
        REPORTS,
        { name: nodeName },
        { metadata: { resourceVersion: found.metadata.resourceVersion, ownerReferences: [owner] } },
        { signal },
      )
  const status = report.status(current.status)
  if (unchanged(status, current.status)) return owned ? 'unchanged' : 'updated'
  await client.update(REPORTS, { ...current, status }, { signal, subresource: 'status' })
  return 'updated'
}
