import { isAltered } from '../../plan/revision-name.ts'
import { shortHash } from '../../plan/short-hash.ts'
import type { Plan } from '../../api/plan.ts'

/** A revision is what its name says: a note for one whose plan was changed after it had got its name. */
export const revisionNotes = (name: string, plan: Plan): readonly string[] =>
  isAltered(name, plan)
    ? [
        `the revision ${name} was changed: the hash of its plan is ${shortHash(plan)}, not that of its name; compile the profile again`,
      ]
    : []
