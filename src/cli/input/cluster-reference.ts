import { existsSync } from 'node:fs'

/** What of the cluster can be named on the command line. */
export const CLUSTER_KINDS = ['profile', 'revision', 'node'] as const
export type ClusterKind = (typeof CLUSTER_KINDS)[number]

/** An object of the cluster, as `KIND/NAME` names it. */
export type ClusterReference = { readonly kind: ClusterKind; readonly name: string }

/** What `node/worker-1`, `profile/fleet` or `revision/fleet-0123456789` names; undefined for all else, and where there is such a file. */
export const clusterReference = (word: string): ClusterReference | undefined => {
  const kind = CLUSTER_KINDS.find((one) => word.startsWith(`${one}/`))
  if (kind === undefined || existsSync(word)) return undefined
  return { kind, name: word.slice(kind.length + 1) }
}
