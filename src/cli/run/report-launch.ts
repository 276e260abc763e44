import { API_GROUP_VERSION } from '../../api/names.ts'
import { createKubeClient } from '../../kube/create-kube-client.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { defineResource } from '../../kube/resource.ts'
import type { LaunchRecord } from '../../launch/record/launch-record.ts'
import { launchEvent } from '../../launch/record/launch-event.ts'
import { systemClock } from '../../runtime/clock.ts'
import { REPORTS } from '../../api/resources.ts'
import type { LaunchReport } from '../../supervisor/supervisor-order.ts'

/** The part of an events.k8s.io/v1 Event that we write. */
type LaunchEvent = {
  eventTime: string
  reportingController: string
  reportingInstance: string
  action: string
  reason: string
  type: 'Normal' | 'Warning'
  note: string
  regarding: { apiVersion: string; kind: string; name: string; uid?: string }
  related: { apiVersion: string; kind: string; name: string }
} & KubeObject

const events = defineResource<LaunchEvent>({
  apiVersion: 'events.k8s.io/v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
})

const CONTROLLER = 'cpufeatures.dev/run'
// Events about cluster-scoped objects live in `default`: k8s.io/client-go/tools/events, event_recorder.go.
const NAMESPACE = 'default'

const uidOf = async (client: Awaited<ReturnType<typeof createKubeClient>>, name: string) => {
  try {
    return (await client.get(REPORTS, { name })).metadata.uid
  } catch {
    // The node has no report, or we may not read it. The event still names it.
    return undefined
  }
}

/** Reports a launch as an event on the node's NodeCpuFeatures. Rejects with an ApiError if that fails. */
export const reportLaunch = async (report: LaunchReport, record: LaunchRecord): Promise<void> => {
  const { kubeconfig, inCluster, context, nodeName, revision } = report
  const client = await createKubeClient({
    kubeconfig,
    inCluster,
    context,
    clock: systemClock,
    fieldManager: 'cpufeatures-run',
  })
  const uid = await uidOf(client, nodeName)
  const now = systemClock.now()
  await client.create(
    events,
    {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: {
        name: `${nodeName}.launch-${record.process.pid}-${now.toString(16)}`,
        namespace: NAMESPACE,
      },
      // metav1.MicroTime needs six digits after the second.
      eventTime: new Date(now).toISOString().replace('Z', '000Z'),
      reportingController: CONTROLLER,
      reportingInstance: nodeName,
      action: 'Launch',
      ...launchEvent(record),
      regarding: {
        apiVersion: API_GROUP_VERSION,
        kind: 'NodeCpuFeatures',
        name: nodeName,
        ...(uid === undefined ? {} : { uid }),
      },
      related: { apiVersion: API_GROUP_VERSION, kind: 'CpuFeatureProfileRevision', name: revision },
    },
    { timeoutSeconds: 20 },
  )
}
