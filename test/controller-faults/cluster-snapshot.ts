import { PROFILES, REVISIONS } from '../../src/api/resources.ts'
import { NODES, PODS } from '../../src/controller/resources.ts'
import { events } from '../../src/kube/event-recorder.ts'
import type { KubeClient } from '../../src/kube/kube-client.ts'
import type { KubeObject } from '../../src/kube/kube-object.ts'
import type { Resource } from '../../src/kube/resource.ts'
import type { ClusterSnapshot } from './cell-outcome.ts'

type Condition = Readonly<Record<string, unknown>> & { readonly type: string }

type AnyObject = {
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: Readonly<Record<string, unknown>> & { readonly conditions?: readonly Condition[] }
} & KubeObject

/** By type, and without their times. */
const conditionsOf = (conditions: readonly Condition[] = []): Record<string, unknown> =>
  Object.fromEntries(
    conditions.map(({ type, ...condition }) => [type, { ...condition, lastTransitionTime: undefined }]),
  )

const statusOf = ({ status }: AnyObject): object => ({
  ...status,
  conditions: conditionsOf(status?.conditions),
})

/** What a controller may change of an object, or must not lose. */
const SHOWN: readonly (readonly [Resource<KubeObject>, (object: AnyObject) => object])[] = [
  [PROFILES, (object) => ({ status: statusOf(object) })],
  [REVISIONS, ({ spec }) => ({ spec })],
  [NODES, () => ({})],
  [
    PODS,
    ({ spec, status }) => ({
      gates: spec?.['schedulingGates'] ?? [],
      affinity: spec?.['affinity'],
      node: spec?.['nodeName'],
      conditions: conditionsOf(status?.conditions),
    }),
  ],
]

const metadataOf = ({ metadata }: AnyObject): object => ({
  labels: metadata.labels ?? {},
  annotations: metadata.annotations ?? {},
  finalizers: metadata.finalizers ?? [],
  isBeingDeleted: metadata.deletionTimestamp !== undefined,
})

const UID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** As it would come from JSON: a member that is undefined is absent. Uids differ from run to run. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value).replace(UID, 'UID'))

type ControllerEvent = { readonly key: string; readonly says: string }

const controllerEvents = async (client: KubeClient): Promise<ControllerEvent[]> =>
  (await client.list(events)).items
    .filter(({ reportingController }) => reportingController === 'cpufeatures.dev/controller')
    .map(({ metadata, regarding, reason }) => ({
      key: metadata.name,
      says: `${regarding.kind} ${regarding.name} ${reason}`,
    }))

/** The names of the Events that are there. */
export const eventNames = async (client: KubeClient): Promise<ReadonlySet<string>> =>
  new Set((await controllerEvents(client)).map(({ key }) => key))

/** Reads what the cluster is like, without the Events that were there before. */
export const clusterSnapshot = async (
  client: KubeClient,
  eventsBefore: ReadonlySet<string>,
): Promise<ClusterSnapshot> => {
  const kinds = await Promise.all(
    SHOWN.map(async ([resource, show]) => {
      const { items } = await client.list(resource)
      return items.map((object): [string, unknown] => [
        `${resource.kind} ${object.metadata.name}`,
        plain({ ...metadataOf(object), ...show(object as AnyObject) }),
      ])
    }),
  )
  const news = (await controllerEvents(client)).filter(({ key }) => !eventsBefore.has(key))
  return { objects: Object.fromEntries(kinds.flat()), events: news.map(({ says }) => says).sort() }
}
