import { CLASS_LABEL, REVISION_LABEL_PREFIX, revisionLabel } from '../../../api/names.ts'

export type NodeFacts = {
  /** The labels the node has. */
  readonly labels: Readonly<Record<string, string>>
  /** Its host class; 'none' without a usable KVM or a report of this boot; 'pending' if its agent has not probed yet. */
  readonly hostClass:
    { readonly kind: 'class'; readonly name: string } | { readonly kind: 'none' | 'pending' }
  /** The live revisions that fit the class. */
  readonly fitting: readonly string[]
  /** Revisions that pods bound to this node require. */
  readonly required: ReadonlySet<string>
}

export type LabelDecision =
  | { readonly kind: 'nothing' }
  /** A JSON merge patch of metadata.labels; `removes` names the revisions whose label it removes. */
  | {
      readonly kind: 'patch'
      readonly labels: Readonly<Record<string, string | null>>
      readonly removes: readonly string[]
    }

const isOurs = (key: string): boolean => key === CLASS_LABEL || key.startsWith(REVISION_LABEL_PREFIX)

/**
 * What to change in a node's labels. A revision's label says that the hardware fits. We never remove it from a node while a bound
 * pod requires it: when the kubelet restarts, it checks required affinity again and fails pods that no longer match (kubelet
 * lifecycle.GeneralPredicates at admission of existing pods). For the same reason we set a label that a bound pod requires.
 */
export const decideNodeLabels = ({ labels, hostClass, fitting, required }: NodeFacts): LabelDecision => {
  if (hostClass.kind === 'pending') return { kind: 'nothing' }
  const wanted = new Map(fitting.map((revision) => [revisionLabel(revision), '']))
  if (hostClass.kind === 'class') wanted.set(CLASS_LABEL, hostClass.name)
  const requiredLabels = new Set([...required].map(revisionLabel))

  // Also what is missing: a pod may have been bound while its label went.
  const kept = [...requiredLabels].map((key) => [key, ''] as const)
  const set = [...wanted, ...kept].filter(([key, value]) => labels[key] !== value)
  const gone = Object.keys(labels).filter(
    (key) => isOurs(key) && !wanted.has(key) && !requiredLabels.has(key),
  )
  if (set.length === 0 && gone.length === 0) return { kind: 'nothing' }
  return {
    kind: 'patch',
    labels: { ...Object.fromEntries(set), ...Object.fromEntries(gone.map((key) => [key, null])) },
    removes: gone
      .filter((key) => key.startsWith(REVISION_LABEL_PREFIX))
      .map((key) => key.slice(REVISION_LABEL_PREFIX.length)),
  }
}
