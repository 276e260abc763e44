import type { HostDocument } from '../api/host-document.ts'
import { NODE_CONDITIONS, type NodeCpuFeatures, type RefusedRevision } from '../api/node-cpu-features.ts'
import type { ObjectMeta } from '../api/object-meta.ts'

/** What a node's agent has reported so far. */
export type ReportState =
  /** The report exists, but the agent has not probed yet. */
  | { readonly kind: 'pending' }
  /** The agent has probed and found no KVM that it could ask. */
  | { readonly kind: 'no-host'; readonly reason: string }
  | {
      readonly kind: 'host'
      readonly class: string
      readonly host: HostDocument
      readonly kernel: string
      /** Of the boot in which the agent probed. */
      readonly bootID: string
      /** The revisions that KVM refused there on a scratch VM. */
      readonly refused: readonly RefusedRevision[]
    }

/** A NodeCpuFeatures as the controller keeps it: the class, and the class's one copy of the document. */
export type NodeReport = {
  apiVersion: string
  kind: 'NodeCpuFeatures'
  metadata: ObjectMeta
  state: ReportState
}

/** Computes a host class and gives the copy of the document that is kept for it. */
export type Classify = (host: HostDocument) => { class: string; host: HostDocument }

const stateOf = (status: NodeCpuFeatures['status'], classify: Classify): ReportState => {
  if (status?.host !== undefined) {
    const { class: hostClass, host } = classify(status.host)
    const { release, bootID } = status.host.kernel
    const refused = status.refusedRevisions ?? []
    return { kind: 'host', class: hostClass, host, kernel: release, bootID, refused }
  }
  const probed = status?.conditions?.find((one) => one.type === NODE_CONDITIONS.probed)
  return probed?.status === 'False' ? { kind: 'no-host', reason: probed.reason } : { kind: 'pending' }
}

/** Reduces a watched report to {@link NodeReport}. */
export const nodeReport = (ncf: NodeCpuFeatures, classify: Classify): NodeReport => {
  const { name, uid, resourceVersion } = ncf.metadata
  return {
    apiVersion: ncf.apiVersion,
    kind: 'NodeCpuFeatures',
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
    state: stateOf(ncf.status, classify),
  }
}
