import { shortHash } from '../../plan/short-hash.ts'
import type { Plan } from '../../api/plan.ts'

/** A revision is what its name says: a note for one whose plan was changed after it had got its name. */
export const revisionNotes = (name: string, plan: Plan): readonly string[] => {
  const [, said] = /-([0-9a-f]{10})$/.exec(name) ?? []
  const hash = shortHash(plan)
  return said === undefined || said === hash
    ? []
    : [
        `the revision ${name} was changed: the hash of its plan is ${hash}, not ${said}; compile the profile again`,
      ]
}
