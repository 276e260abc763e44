import { APPLIED_ANNOTATION, NO_REVISION, PROFILE_LABEL, REVISION_ANNOTATION } from '../../api/names.ts'
import type { Plan } from '../../api/plan.ts'
import { podStanding, type PodState, type VmPod } from '../status/vm-pod.ts'
import { waysOf, type NodeClass, type VmWays } from './vm-ways.ts'

/** What the cluster says of VMs and of where they could go. */
export type VmFacts = {
  /** Pods that name a profile and have not finished. */
  readonly pods: readonly VmPod[]
  readonly classes: readonly NodeClass[]
  readonly plans: ReadonlyMap<string, Plan>
  /** The profiles that accept moves without a way back. */
  readonly oneWayProfiles: ReadonlySet<string>
  /** Nodes to which no VM may go. */
  readonly without?: ReadonlySet<string>
}

/** A VM pod: what `cpufeatures vms -o json` prints. */
export type VmRow = {
  readonly namespace: string
  readonly name: string
  readonly profile: string
  readonly revision?: string
  readonly node?: string
  readonly state: PodState
  /** The outcome of the launch that the node-agent proves, such as verified. */
  readonly proof?: string
  /** The number of nodes other than its own whose CPU the VM can move to; undefined if it has no node or no revision. */
  readonly otherNodes?: number
  /** If that is none: what keeps it from each class. */
  readonly closed?: readonly { readonly class: string; readonly nodes: number; readonly why: string }[]
}

const proofOf = (text: string | undefined): string | undefined => {
  try {
    const { outcome } = JSON.parse(text ?? '{}') as { outcome?: unknown }
    return typeof outcome === 'string' ? outcome : undefined
  } catch {
    return undefined
  }
}

type Identity = Omit<VmRow, 'otherNodes' | 'closed'>

/** What the pod itself says. */
const rowOf = (pod: VmPod): Identity => {
  const { namespace = '', name, labels, annotations } = pod.metadata
  const revision = annotations?.[REVISION_ANNOTATION]
  const node = pod.spec.nodeName
  const proof = proofOf(annotations?.[APPLIED_ANNOTATION])
  return {
    ...{ namespace, name, profile: labels?.[PROFILE_LABEL] ?? '', state: podStanding(pod).state },
    ...(revision !== undefined && { revision }),
    ...(node !== undefined && { node }),
    ...(proof !== undefined && { proof }),
  }
}

/** Where a VM can go from its node. */
const waysKeys = (
  { nodes, closed }: VmWays,
  isOther: (node: string) => boolean,
): Pick<VmRow, 'otherNodes' | 'closed'> => {
  const otherNodes = nodes.filter(isOther).length
  if (otherNodes > 0) return { otherNodes }
  const classes = closed.map(({ class: one, why }) => ({ class: one.class, nodes: one.nodes.length, why }))
  return { otherNodes, closed: classes }
}

/** The rows of VM pods. The ways are computed once per revision and class. */
export const vmRows = ({ pods, classes, plans, oneWayProfiles, without }: VmFacts): readonly VmRow[] => {
  const classOf = new Map(classes.flatMap((one) => one.nodes.map((node) => [node, one] as const)))
  const known = new Map<string, VmWays>()
  const waysFrom = (node: string, revision: string, profile: string): VmWays | undefined => {
    const plan = plans.get(revision)
    if (plan === undefined) return undefined
    const from = classOf.get(node)
    const key = `${revision} ${from?.class ?? ''}`
    const ways =
      known.get(key) ?? waysOf({ revision, plan, from, acceptsOneWay: oneWayProfiles.has(profile) }, classes)
    known.set(key, ways)
    return ways
  }
  return pods.map((pod) => {
    const row = rowOf(pod)
    const { node, revision, profile } = row
    const isPlaced = node !== undefined && revision !== undefined && revision !== NO_REVISION
    const ways = isPlaced ? waysFrom(node, revision, profile) : undefined
    const isOther = (one: string): boolean => one !== node && without?.has(one) !== true
    return ways === undefined ? row : { ...row, ...waysKeys(ways, isOther) }
  })
}
