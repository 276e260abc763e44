import type { Plan } from '../api/plan.ts'
import { shortHash } from './short-hash.ts'

/**
 * `<profile>-<ten hex digits>`: the hash is of the plan alone, so that an upgrade which compiles to the same plan makes no
 * new revision. At most 63 characters for profile names of at most 52.
 */
export const revisionName = (profileName: string, plan: Plan): string => `${profileName}-${shortHash(plan)}`

/** The profile a revision was compiled from: its name without `-<hash>`. */
export const profileOfRevision = (name: string): string => name.slice(0, Math.max(name.lastIndexOf('-'), 0))

/** The hash in a revision's name; undefined of a name that no compiler gave. */
const namedHash = (revision: string): string | undefined => /-([0-9a-f]{10})$/.exec(revision)?.[1]

/** Whether a plan is not the one that a revision was named for: somebody changed it, or an older CRD has cut a field off. */
export const isAltered = (revision: string, plan: Plan): boolean => {
  const hash = namedHash(revision)
  return hash !== undefined && hash !== shortHash(plan)
}
