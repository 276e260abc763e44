import { INSTALLED_LABEL, UNINSTALL_LABEL } from '../../api/names.ts'
import { CONFIG_MAPS } from '../../api/resources.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import type { Resource } from '../../kube/resource.ts'

/** An object as the API server lists it, as far as we say why it stays. */
export type RemovedObject = KubeObject & {
  status?: { conditions?: { type: string; status: string; message?: string }[] | undefined } | undefined
}

const kind = (
  apiVersion: string,
  [name, plural]: readonly [string, string],
  scope: 'cluster' | 'namespace',
): Resource<RemovedObject> =>
  Object.freeze({ apiVersion, kind: name, plural, namespaced: scope === 'namespace' })

const RBAC = 'rbac.authorization.k8s.io/v1'
const ADMISSION = 'admissionregistration.k8s.io/v1'

export const NAMESPACES = kind('v1', ['Namespace', 'namespaces'], 'cluster')

/** What runs. */
export const WORKLOADS: readonly Resource<RemovedObject>[] = [
  kind('apps/v1', ['Deployment', 'deployments'], 'namespace'),
  kind('apps/v1', ['DaemonSet', 'daemonsets'], 'namespace'),
  kind('policy/v1', ['PodDisruptionBudget', 'poddisruptionbudgets'], 'namespace'),
]

const MUTATING_BINDINGS = kind(
  ADMISSION,
  ['MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings'],
  'cluster',
)
const VALIDATING_BINDINGS = kind(
  ADMISSION,
  ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'],
  'cluster',
)

/** What makes policies act. */
export const BINDINGS: readonly Resource<RemovedObject>[] = [MUTATING_BINDINGS, VALIDATING_BINDINGS]

/**
 * Policies, in the order in which they go. Bindings go before their policies. The mutating ones go first: without them, the
 * validating ones still hold.
 */
export const POLICIES: readonly Resource<RemovedObject>[] = [
  MUTATING_BINDINGS,
  kind(ADMISSION, ['MutatingAdmissionPolicy', 'mutatingadmissionpolicies'], 'cluster'),
  VALIDATING_BINDINGS,
  kind(ADMISSION, ['ValidatingAdmissionPolicy', 'validatingadmissionpolicies'], 'cluster'),
]

/** What stays without workloads and policies, in the order in which it goes. */
export const THE_REST: readonly Resource<RemovedObject>[] = [
  kind(RBAC, ['ClusterRoleBinding', 'clusterrolebindings'], 'cluster'),
  kind(RBAC, ['ClusterRole', 'clusterroles'], 'cluster'),
  kind(RBAC, ['RoleBinding', 'rolebindings'], 'namespace'),
  kind(RBAC, ['Role', 'roles'], 'namespace'),
  kind('v1', ['ServiceAccount', 'serviceaccounts'], 'namespace'),
  kind('security.openshift.io/v1', ['SecurityContextConstraints', 'securitycontextconstraints'], 'cluster'),
  kind('networking.k8s.io/v1', ['NetworkPolicy', 'networkpolicies'], 'namespace'),
  CONFIG_MAPS,
  kind('apiextensions.k8s.io/v1', ['CustomResourceDefinition', 'customresourcedefinitions'], 'cluster'),
]

/** Every kind of object that deploy/ installs; a test keeps it equal to the manifests. */
export const REMOVED_KINDS: readonly Resource<RemovedObject>[] = [
  ...WORKLOADS,
  ...POLICIES,
  ...THE_REST,
  NAMESPACES,
]

/** Selects all that deploy/ has installed. */
export const ALL_OF_OURS = INSTALLED_LABEL
/** Selects of that what no container with one of our seccomp profiles needs. */
export const NOT_LAST = `${INSTALLED_LABEL},${UNINSTALL_LABEL}!=last`
/** Selects what such a container needs. */
export const LAST = `${INSTALLED_LABEL},${UNINSTALL_LABEL}=last`
