import type { KubeObject } from '../kube/kube-object.ts'
import type { Resource } from '../kube/resource.ts'
import { API_GROUP, VERSION_ANNOTATION } from './names.ts'
import { BASELINES, PROFILES, REPORTS, REVISIONS } from './resources.ts'

/** Objects of one kind that an installation has, by name. */
export type InstalledObjects = { readonly resource: Resource<KubeObject>; readonly names: readonly string[] }

const cluster = (apiVersion: string, kind: string, plural: string): Resource<KubeObject> =>
  Object.freeze({ apiVersion, kind, plural, namespaced: false })

const ADMISSION = 'admissionregistration.k8s.io/v1'

const MUTATING = ['pod-gate']
const VALIDATING = [
  ...['controller-nodes', 'controller-pods', 'node-agent-pods', 'node-report', 'pod-binding', 'pod-default'],
  ...['pod-guard', 'pod-notice', 'pod-profile', 'pod-seccomp'],
]

const ours = (names: readonly string[]): string[] => names.map((name) => `${name}.${API_GROUP}`)

/** The CRDs, policies and bindings on which the controller and the node-agents rest. A test keeps the names equal to the manifests. */
export const INSTALLED_OBJECTS: readonly InstalledObjects[] = [
  {
    resource: cluster('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions'),
    names: ours([PROFILES.plural, BASELINES.plural, REVISIONS.plural, REPORTS.plural]),
  },
  {
    resource: cluster(ADMISSION, 'MutatingAdmissionPolicy', 'mutatingadmissionpolicies'),
    names: ours(MUTATING),
  },
  {
    resource: cluster(ADMISSION, 'MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings'),
    names: ours(MUTATING),
  },
  {
    resource: cluster(ADMISSION, 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies'),
    names: ours(VALIDATING),
  },
  {
    resource: cluster(ADMISSION, 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'),
    names: ours(VALIDATING),
  },
]

/** What is wrong with one of these objects, as a sentence; undefined if it is there and of this version. */
const installationProblem = (
  { kind, name }: { readonly kind: string; readonly name: string },
  found: Pick<KubeObject, 'metadata'> | undefined,
  version: string,
): string | undefined => {
  if (found === undefined) return `${kind} ${name} is missing; apply deploy/ of version ${version}`
  const other = found.metadata.annotations?.[VERSION_ANNOTATION]
  if (other === version) return undefined
  return `${kind} ${name} is of version ${other ?? 'unknown'}; apply deploy/ of version ${version}`
}

/** Reads an object of the cluster; undefined if it is not there. */
export type ReadInstalled = (resource: Resource<KubeObject>, name: string) => Promise<KubeObject | undefined>

/** What is wrong with our CRDs, policies and bindings, one sentence per object. Rejects if `read` does. */
export const installationProblems = async (
  read: ReadInstalled,
  version: string,
): Promise<readonly string[]> => {
  const problems: string[] = []
  for (const { resource, names } of INSTALLED_OBJECTS)
    for (const name of names) {
      const problem = installationProblem({ kind: resource.kind, name }, await read(resource, name), version)
      if (problem !== undefined) problems.push(problem)
    }
  return problems
}
