import * as z from 'zod'
import { eventually } from '../harness/eventually.ts'
import type { Cluster, ClusterNode } from './cluster.ts'

const RECONCILERS = ['profile', 'revision', 'pod', 'node-labels']

/** How often the leader renews its lease while we watch: what its reconcilers would write they have written by then. */
const RENEWALS = 3

/** The sum of a metric's values whose labels match. */
const metricSum = (metrics: string, name: string, labels = /^/): number =>
  [...metrics.matchAll(new RegExp(`^${name}(.*) (\\d+)$`, 'gm'))]
    .filter(([, set = '']) => labels.test(set))
    .reduce((sum, [, , value]) => sum + Number(value), 0)

const TOUCHED = 'example.org/touched'
let touches = 0

/** Writes an annotation on an object, so that all who watch it look at it. */
const touch = async (cluster: Cluster, kind: string, name: string): Promise<void> => {
  touches += 1
  await cluster.kubectl(['annotate', '--overwrite', kind, name, `${TOUCHED}=${touches}`])
}

const seenObject = z.looseObject({
  metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).default({}) }),
})
const seenList = z.object({ items: z.array(seenObject) })

/** The objects of the product, as the cluster has them, without the traces of {@link touch}. */
export const whatIsSaid = async (cluster: Cluster): Promise<object[]> => {
  const text = await cluster.kubectl(['get', 'cfp,cfpr,ncf,nodes,pods', '-o', 'json'])
  return seenList.parse(JSON.parse(text)).items.map(({ metadata, ...object }) => {
    const annotations = Object.entries(metadata.annotations).filter(([name]) => name !== TOUCHED)
    return { ...object, metadata: { ...metadata, annotations, resourceVersion: undefined } }
  })
}

/** Waits until the agent of a node has compared its report with the cluster's once more. */
export const agentLooksAgain = async (cluster: Cluster, node: ClusterNode): Promise<void> => {
  const looks = async (): Promise<number> =>
    metricSum(await node.agentMetrics(), 'cpufeatures_report_writes_total')
  const before = await looks()
  await touch(cluster, 'ncf', node.name)
  await eventually(`the agent of ${node.name} has looked at its report`, async () =>
    (await looks()) > before ? true : undefined,
  )
}

const reconciled = (metrics: string, reconciler: string): number =>
  metricSum(metrics, 'cpufeatures_reconcile_total', new RegExp(`"${reconciler}"`))

/**
 * Waits until a controller leads that has reconciled every kind of object, a profile once more than before, and has nothing left to do;
 * and until it has gone on leading after that.
 */
export const controllerLooksAgain = async (cluster: Cluster): Promise<void> => {
  // A controller that has just ended tells nothing, and its successor counts from 0.
  const before = reconciled(await cluster.controllerMetrics().catch(() => ''), 'profile')
  await touch(cluster, 'cfp', 'fleet')
  await eventually('the controller has reconciled everything', async () => {
    const metrics = await cluster.controllerMetrics()
    const leads = metricSum(metrics, 'cpufeatures_leader_is_leading') === 1
    const waiting = metricSum(metrics, 'cpufeatures_queue_depth')
    const counts = RECONCILERS.map((name) => reconciled(metrics, name))
    const isDone = !counts.includes(0) && reconciled(metrics, 'profile') > before
    if (leads && waiting === 0 && isDone) return true
    throw new Error(
      `it ${leads ? 'leads' : 'does not lead'}; ${waiting} keys wait; it reconciled ${counts.join()}`,
    )
  })
  const since = Date.now()
  await eventually('the controller goes on leading', async () => {
    const renewals = (await cluster.controlPlane.auditedWrites(since)).filter(
      ({ resource, responseCode, user }) =>
        resource === 'leases' && responseCode === 200 && user.endsWith(':cpufeatures-controller'),
    )
    return renewals.length >= RENEWALS ? true : undefined
  })
}
