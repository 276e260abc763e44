import type { CpuFeatureProfileRevision } from '../api/cpu-feature-profile-revision.ts'
import { NO_REVISION, REVISION_ANNOTATION } from '../api/names.ts'
import { isFinished } from '../api/pod-pin.ts'
import type { HostClassEntry } from './host-class-index.ts'
import type { Judgements } from './judgements.ts'
import { targetClasses } from './migration/target-classes.ts'
import type { Pod } from './pod.ts'

/** The pod of a VM that runs, or is about to, on a node with a revision. */
export type PlacedVm = {
  readonly namespace: string
  readonly name: string
  readonly node: string
  readonly revision: string
}

/** The placed VM of a pod; undefined if the pod is not bound, has finished, or its VM has no revision. */
export const placedVm = (pod: Pod): PlacedVm | undefined => {
  const { name, namespace = '', annotations } = pod.metadata
  const revision = annotations?.[REVISION_ANNOTATION]
  const node = pod.spec.nodeName
  if (node === undefined || revision === undefined || revision === NO_REVISION || isFinished(pod))
    return undefined
  return { namespace, name, node, revision }
}

/** What decides where VMs can go. */
export type Whereabouts = {
  readonly classes: readonly HostClassEntry[]
  /** A revision by name; undefined if it is gone, and then nothing is said of its VMs. */
  readonly revision: (name: string) => CpuFeatureProfileRevision | undefined
  readonly judge: Pick<Judgements, 'verdict' | 'reach'>
  /** Whether the profile accepts moves without a way back (`tolerate.surplus`). */
  readonly acceptsOneWay: boolean
}

/** The nodes of the classes that fit a revision and that VMs can reach from a class; from an unknown class: of all that fit. */
const nodesInReach = (
  revision: CpuFeatureProfileRevision,
  from: HostClassEntry | undefined,
  { classes, judge, acceptsOneWay }: Whereabouts,
): readonly string[] => {
  const { name } = revision.metadata
  const outOfReach =
    from === undefined
      ? []
      : targetClasses(judge, revision, { classes, from: from.host, acceptsOneWay }).outOfReach
  return classes
    .filter(({ host }) => judge.verdict(name, revision.spec, host).kind === 'compatible')
    .filter((entry) => !outOfReach.includes(entry.class))
    .flatMap(({ nodes }) => nodes)
}

/**
 * The VMs that no node other than their own can take, sorted by name. What is unknown of a way does not make a VM one of them. The ways
 * are computed once per revision and class, not per VM.
 */
export const strandedVms = (vms: readonly PlacedVm[], where: Whereabouts): readonly PlacedVm[] => {
  const classOf = new Map(where.classes.flatMap((entry) => entry.nodes.map((node) => [node, entry] as const)))
  const ways = new Map<string, readonly string[]>()
  const canLeave = ({ revision: name, node }: PlacedVm): boolean => {
    const revision = where.revision(name)
    if (revision === undefined) return true
    const from = classOf.get(node)
    const key = `${name} ${from?.class ?? ''}`
    const nodes = ways.get(key) ?? nodesInReach(revision, from, where)
    ways.set(key, nodes)
    return nodes.some((other) => other !== node)
  }
  const text = ({ namespace, name }: PlacedVm) => `${namespace}/${name}`
  return vms.filter((vm) => !canLeave(vm)).toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
}
