import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { LabelSelector } from '../../api/label-selector.ts'
import { isApiError } from '../../kube/api-error.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { listAll } from '../../kube/list-all.ts'
import type { Resource } from '../../kube/resource.ts'
import { defineResource } from '../../kube/resource.ts'
import { PROFILES, REVISIONS, REPORTS } from '../../api/resources.ts'
import { clusterClient, type ClusterOptions } from './cluster-client.ts'
import type { ClusterKind, ClusterReference } from './cluster-reference.ts'
import { InputError } from './input-error.ts'
import { parseDocument } from './parse-document.ts'
import type { InputDocument } from './parse-document.ts'

const nodes = defineResource<KubeObject>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})

const RESOURCES = {
  profile: PROFILES,
  revision: REVISIONS,
  node: REPORTS,
} as const satisfies Readonly<Record<ClusterKind, unknown>>

const connect = (options: ClusterOptions): Promise<KubeClient> =>
  clusterClient(options, 'files (-f FILE, --hosts FILE...) or ')

const OPERATORS: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
}

/** A label selector in the form of a query of the API server. */
export const selectorText = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string =>
  [
    ...Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`),
    ...matchExpressions.map(
      ({ key, operator, values = [] }) => OPERATORS[operator]?.(key, values.join(',')) ?? key,
    ),
  ].join(',')

/** The reports of all nodes, and the names of the nodes that base `nodes` of the spec selects; undefined if the spec has another base. */
export type ClusterHosts = {
  readonly documents: readonly InputDocument[]
  readonly selected?: ReadonlySet<string>
}

/** Asks the cluster for every node's report. */
export const clusterHosts = async (
  options: ClusterOptions,
  spec?: CpuFeatureProfileSpec,
): Promise<ClusterHosts> => {
  const client = await connect(options)
  const { apiVersion, kind } = REPORTS
  const documents = await listAll(client, REPORTS, {}, (report) =>
    // Items of a list may lack apiVersion and kind.
    parseDocument({ ...report, apiVersion, kind }, `NodeCpuFeatures ${report.metadata.name}`, ''),
  )
  const selector = spec?.base.nodes?.selector
  if (selector === undefined) return { documents }
  const labelSelector = selectorText(selector)
  const selected = await listAll(client, nodes, { labelSelector }, ({ metadata }) => metadata.name)
  return { documents, selected: new Set(selected) }
}

/** One object of the cluster. Throws InputError if there is none of that name. */
export const clusterDocument = async (
  { kind, name }: ClusterReference,
  options: ClusterOptions,
): Promise<InputDocument> => {
  const client = await connect(options)
  const resource: Resource<KubeObject> = RESOURCES[kind]
  try {
    return parseDocument(await client.get(resource, { name }), `${resource.kind} ${name}`, name)
  } catch (error) {
    if (isApiError(error, 404)) throw new InputError(`the cluster has no ${resource.kind} ${name}`)
    throw error
  }
}
