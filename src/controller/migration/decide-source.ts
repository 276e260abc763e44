import { NO_REVISION, REVISION_ANNOTATION } from '../../api/names.ts'
import { isFinished } from '../../api/pod-pin.ts'
import type { Pod } from '../pod.ts'
import { vmiOf, type MigrationClaim } from './migration-claim.ts'
import type { PlatformObject, Vmi, VmiMigration } from './platform-objects.ts'

export type SourceFacts = {
  /** The target. */
  readonly pod: Pod
  readonly claim: MigrationClaim
  /**
   * The pods that may be its source, as the API server has them at this moment: all of the VMI's node, whatever they say, or, where the
   * VMI cannot be read, those that say that they are of the VM.
   */
  readonly candidates: readonly Pod[]
  readonly vmi: PlatformObject<Vmi>
  readonly migration: PlatformObject<VmiMigration>
}

export type MigrationSource =
  /** The VM runs in this pod, with this revision, which may be `none`. */
  | { readonly kind: 'source'; readonly revision: string; readonly node: string }
  /** It is not known which revision the VM runs with. */
  | { readonly kind: 'unknown'; readonly why: string }

const unknown = (why: string): MigrationSource => ({ kind: 'unknown', why })

const revisionOf = ({ metadata }: Pod): string => metadata.annotations?.[REVISION_ANNOTATION] ?? NO_REVISION

/** What is wrong with the claim, by the objects of the platform. */
const contradiction = ({ claim, vmi, migration }: SourceFacts): string | undefined => {
  const { name, uid } = claim.vmi
  if (vmi === 'gone' || (typeof vmi === 'object' && vmi.metadata.uid !== uid))
    return `there is no VirtualMachineInstance ${name} with uid ${uid}`
  const isGone =
    migration === 'gone' ||
    (typeof migration === 'object' &&
      (migration.metadata.uid !== claim.migration.uid || migration.spec?.vmiName !== name))
  if (isGone) return `VirtualMachineInstance ${name} has no migration with uid ${claim.migration.uid}`
  return undefined
}

/** Pods other than the target that have a node and have not ended. A pod that only prepares a volume has none, or has ended. */
const placed = ({ pod, candidates }: SourceFacts): readonly Pod[] =>
  candidates.filter(
    (one) => one.metadata.uid !== pod.metadata.uid && one.spec.nodeName !== undefined && !isFinished(one),
  )

/**
 * Whether KubeVirt says that this pod has the VM. Nobody else may write the status of a VMI; but every pod that the VMI controls gets
 * into `activePods`, whoever created it, so that a pod that is not the source may be among them.
 */
const runsIn = (vmi: Vmi, { metadata, spec }: Pod): boolean =>
  vmi.status?.activePods?.[metadata.uid ?? ''] === spec.nodeName && vmi.status?.nodeName === spec.nodeName

/**
 * The revision with which the VM of a migration runs, which its target must get. A pod without a revision is believed only if KubeVirt
 * says that the VM runs in it, and in no other pod with another revision: anybody can create a pod with the labels of a VM.
 */
export const decideSource = (facts: SourceFacts): MigrationSource => {
  const wrong = contradiction(facts)
  if (wrong !== undefined) return unknown(wrong)
  const { vmi } = facts
  const isProven = typeof vmi === 'object'
  const isSource = (one: Pod): boolean =>
    isProven ? runsIn(vmi, one) : one.status?.phase === 'Running' && vmiOf(one)?.uid === facts.claim.vmi.uid
  const sources = placed(facts).filter(isSource)
  const [source] = sources
  if (source?.spec.nodeName === undefined) return unknown('no pod runs that has its VM')
  const revision = revisionOf(source)
  if (sources.some((one) => revisionOf(one) !== revision))
    return unknown(`its VM has several pods: ${sources.map(({ metadata }) => metadata.name).join(', ')}`)
  if (revision === NO_REVISION && !isProven)
    return unknown(
      `pod ${source.metadata.name} has no revision, and the controller may not read the VirtualMachineInstance, ` +
        'which would prove that the VM runs there. Install the overlay kubevirt, or give it the role cpufeatures-machine-reader',
    )
  return { kind: 'source', revision, node: source.spec.nodeName }
}
