import { existsSync } from 'node:fs'

/** The kinds of cluster objects that the command line can name. */
export const CLUSTER_KINDS = ['profile', 'revision', 'node'] as const
export type ClusterKind = (typeof CLUSTER_KINDS)[number]

/** An object of the cluster, as `KIND/NAME` names it. */
export type ClusterReference = { readonly kind: ClusterKind; readonly name: string }

/**
 * The object that `node/worker-1`, `profile/fleet` or `revision/fleet-0123456789` names; undefined for any other word, and for an
 * existing file.
 */
export const clusterReference = (word: string): ClusterReference | undefined => {
  const kind = CLUSTER_KINDS.find((one) => word.startsWith(`${one}/`))
  if (kind === undefined || existsSync(word)) return undefined
  return { kind, name: word.slice(kind.length + 1) }
}
