import type { HostDocument } from '../api/host-document.ts'
import { plan as planSchema, type Plan } from '../api/plan.ts'
import { unknownKeys } from '../api/unknown-keys.ts'
import { planFinding } from '../catalogue/plan-reasons.ts'
import { isAltered } from '../plan/revision-name.ts'
import { shortHash } from '../plan/short-hash.ts'
import { reach, type Reach } from '../compatibility/reach.ts'
import { verdict, type Verdict } from '../compatibility/verdict.ts'

type Judged = {
  /** Set if the plan is not the one that was compiled, or this version does not understand it: then no host is known to fit it. */
  readonly unreadable: Verdict | undefined
  readonly verdicts: WeakMap<HostDocument, Verdict>
  readonly reaches: WeakMap<HostDocument, WeakMap<HostDocument, Reach>>
}

/** The places of a stored plan that this version does not understand, because a newer one has compiled it. */
export const unknownInPlan = (plan: Plan): readonly string[] => {
  const parsed = planSchema.safeParse(plan)
  const places = parsed.success ? unknownKeys(plan, parsed.data) : parsed.error.issues
  return places.map(({ path }) => ['spec', ...path].join('.'))
}

const unreadable = (revision: string, plan: Plan): Verdict | undefined => {
  if (isAltered(revision, plan)) {
    const finding = planFinding('RevisionAltered', { wanted: revision, limit: shortHash(plan) })
    return { kind: 'incompatible', findings: [finding] }
  }
  const places = unknownInPlan(plan)
  if (places.length === 0) return undefined
  return {
    kind: 'incompatible',
    findings: places.map((place) => planFinding('UnknownRegister', { wanted: place.slice(0, 64) })),
  }
}

/**
 * The judgements of revisions on host classes. Each pair is judged once, because neither a revision nor the one document that is
 * kept for a class ever changes. The answers about a class are dropped together with its document.
 */
export class Judgements {
  readonly #revisions = new Map<string, Judged>()

  /** Whether a revision fits a class. */
  verdict(revision: string, plan: Plan, host: HostDocument): Verdict {
    const { verdicts, ...judged } = this.#of(revision, plan)
    const known = judged.unreadable ?? verdicts.get(host) ?? verdict(plan, host)
    verdicts.set(host, known)
    return known
  }

  /** Whether VMs of a revision can move between two classes that it fits. */
  reach(revision: string, plan: Plan, a: HostDocument, b: HostDocument): Reach {
    const { reaches } = this.#of(revision, plan)
    const row = reaches.get(a) ?? new WeakMap<HostDocument, Reach>()
    reaches.set(a, row)
    const known = row.get(b) ?? reach(plan, a, b)
    row.set(b, known)
    return known
  }

  /** Drops the judgements of a revision that is gone. */
  forget(revision: string): void {
    this.#revisions.delete(revision)
  }

  #of(revision: string, plan: Plan): Judged {
    const known = this.#revisions.get(revision) ?? {
      unreadable: unreadable(revision, plan),
      verdicts: new WeakMap(),
      reaches: new WeakMap(),
    }
    this.#revisions.set(revision, known)
    return known
  }
}
