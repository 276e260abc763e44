import { INSTALLED_LABEL } from '../../api/names.ts'
import { CONFIG_MAPS } from '../../api/resources.ts'
import { namesWithMore } from '../../catalogue/names-with-more.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import type { Resource } from '../../kube/resource.ts'
import { PODS } from './needing-pod.ts'
import type { Removal } from './removal.ts'

const kind = (apiVersion: string, name: string): Resource<KubeObject> =>
  Object.freeze({ apiVersion, kind: name, plural: `${name.toLowerCase()}s`, namespaced: true })

/** What people keep in a namespace. What controllers derive from it, such as ReplicaSets and EndpointSlices, is not named. */
const KINDS: readonly Resource<KubeObject>[] = [
  ...['PersistentVolumeClaim', 'Secret', 'Service', 'ServiceAccount'].map((name) => kind('v1', name)),
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map((name) => kind('apps/v1', name)),
  ...['Job', 'CronJob'].map((name) => kind('batch/v1', name)),
  CONFIG_MAPS,
]

/** What Kubernetes or OpenShift makes in every namespace. */
const IN_EVERY_NAMESPACE: Readonly<Record<string, readonly string[]>> = {
  ConfigMap: ['kube-root-ca.crt', 'openshift-service-ca.crt'],
  ServiceAccount: ['default', 'builder', 'deployer'],
}

/** A token or pull secret that a controller made for a service account names it. */
const OF_SERVICE_ACCOUNT = [
  'kubernetes.io/service-account.name',
  'openshift.io/internal-registry-auth-token.service-account',
]

/** Whether an object without our label is somebody's. */
export const isOfOthers = (
  { kind: name }: Pick<Resource<KubeObject>, 'kind'>,
  { metadata }: KubeObject,
): boolean =>
  !(IN_EVERY_NAMESPACE[name]?.includes(metadata.name) ?? false) &&
  !(name === 'Secret' && OF_SERVICE_ACCOUNT.some((key) => metadata.annotations?.[key] !== undefined))

/** `Kind name` of what others have in a namespace. */
export const ofOthers = async (
  removal: Pick<Removal, 'list'>,
  namespace: string,
): Promise<readonly string[]> => {
  const pods = await removal.list(PODS, { namespace, labelSelector: 'app.kubernetes.io/name!=cpufeatures' })
  const found = pods.map((pod) => `Pod ${pod.metadata.name}`)
  for (const one of KINDS) {
    const objects = await removal.list(one, { namespace, labelSelector: `!${INSTALLED_LABEL}` })
    const theirs = objects.filter((object) => isOfOthers(one, object))
    found.push(...theirs.map(({ metadata }) => `${one.kind} ${metadata.name}`))
  }
  return found
}

const NAMED = 5

/** Why a namespace stays, for people. */
export const whyNamespaceStays = (name: string, others: readonly string[]): string =>
  `Namespace ${name}: others have something in it (${namesWithMore(others, NAMED)}). Delete it yourself`
