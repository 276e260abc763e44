import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { reach, type Reach } from '../compatibility/reach.ts'
import { unreadablePlan } from '../compatibility/unreadable-plan.ts'
import { verdict, type Verdict } from '../compatibility/verdict.ts'
import { refusedVerdict, type TrialRefusal } from './trial-refusal.ts'

type Judged = {
  /** Set if the plan is not the one that was compiled, or this version does not understand it: then no host is known to fit it. */
  readonly unreadable: Verdict | undefined
  readonly verdicts: WeakMap<HostDocument, Verdict>
  readonly reaches: WeakMap<HostDocument, WeakMap<HostDocument, Reach>>
}

const unreadable = (revision: string, plan: Plan): Verdict | undefined => {
  const findings = unreadablePlan(revision, plan)
  return findings.length === 0 ? undefined : { kind: 'incompatible', findings }
}

/** What the nodes of a class, which has this document, have said of a revision that they tried; undefined if none refused it. */
export type Refusals = {
  readonly refusal: (host: HostDocument, revision: string) => TrialRefusal | undefined
}

/**
 * The judgements of revisions on host classes. The engine judges each pair once, because neither a revision nor the one document that is
 * kept for a class ever changes. The answers about a class are dropped together with its document. What nodes refuse comes and goes, and
 * wins over a prediction that they fit.
 */
export class Judgements {
  readonly #revisions = new Map<string, Judged>()
  readonly #refusals: Refusals

  constructor(refusals: Refusals) {
    this.#refusals = refusals
  }

  /** Whether a revision fits a class. */
  verdict(revision: string, plan: Plan, host: HostDocument): Verdict {
    const { verdicts, ...judged } = this.#of(revision, plan)
    const known = judged.unreadable ?? verdicts.get(host) ?? verdict(plan, host)
    verdicts.set(host, known)
    const refusal = known.kind === 'compatible' ? this.#refusals.refusal(host, revision) : undefined
    return refusal === undefined ? known : refusedVerdict(refusal)
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
