import type { CpuFeatureProfileRevision } from '../../api/cpu-feature-profile-revision.ts'
import { wayAlong, type Way } from '../../compatibility/way.ts'
import type { HostClassEntry } from '../host-class-index.ts'
import type { Judgements } from '../judgements.ts'

/** Host classes, by name, as the target of one migration may use them. */
export type TargetClasses = {
  /** They fit the revision, and the VM cannot move to them from where it is. */
  readonly outOfReach: readonly string[]
  /** The VM can move to them, and not back. */
  readonly oneWay: readonly string[]
}

export const ANY_CLASS: TargetClasses = { outOfReach: [], oneWay: [] }

const wayTo = (judge: Judge, { metadata, spec }: CpuFeatureProfileRevision, from: Host, to: Host): Way =>
  from === to ? 'open' : wayAlong(judge.reach(metadata.name, spec, from, to))

type Host = HostClassEntry['host']
type Judge = Pick<Judgements, 'verdict' | 'reach'>

/**
 * Where a VM of the revision can go from a host, the copy that is kept for its class. `acceptsOneWay`: the profile says so
 * (`tolerate.surplus`).
 */
export const targetClasses = (
  judge: Judge,
  revision: CpuFeatureProfileRevision,
  {
    classes,
    from,
    acceptsOneWay,
  }: {
    readonly classes: readonly HostClassEntry[]
    readonly from: Host
    readonly acceptsOneWay: boolean
  },
): TargetClasses => {
  const { name } = revision.metadata
  const ways = classes
    .filter(({ host }) => judge.verdict(name, revision.spec, host).kind === 'compatible')
    .map((entry) => ({ class: entry.class, way: wayTo(judge, revision, from, entry.host) }))
  const named = (...wanted: Way[]) => ways.filter(({ way }) => wanted.includes(way)).map((one) => one.class)
  return acceptsOneWay
    ? { outOfReach: named('closed'), oneWay: named('one-way') }
    : { outOfReach: named('closed', 'one-way'), oneWay: [] }
}
