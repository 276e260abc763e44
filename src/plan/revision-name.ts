import type { Plan } from '../api/plan.ts'
import { shortHash } from './short-hash.ts'

/**
 * `<profile>-<ten hex digits>`: the hash is of the plan alone, so that an upgrade which compiles to the same plan makes no
 * new revision. At most 63 characters for profile names of at most 52.
 */
export const revisionName = (profileName: string, plan: Plan): string => `${profileName}-${shortHash(plan)}`
