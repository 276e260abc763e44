import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { reach, type Reach } from '../compatibility/reach.ts'
import { verdict, type Verdict } from '../compatibility/verdict.ts'

type Judged = {
  readonly verdicts: WeakMap<HostDocument, Verdict>
  readonly reaches: WeakMap<HostDocument, WeakMap<HostDocument, Reach>>
}

/**
 * The judgements of revisions on host classes. Each pair is judged once, because neither a revision nor the one document that is
 * kept for a class ever changes. The answers about a class are dropped together with its document.
 */
export class Judgements {
  readonly #revisions = new Map<string, Judged>()

  /** Whether a revision fits a class. */
  verdict(revision: string, plan: Plan, host: HostDocument): Verdict {
    const { verdicts } = this.#of(revision)
    const known = verdicts.get(host) ?? verdict(plan, host)
    verdicts.set(host, known)
    return known
  }

  /** Whether VMs of a revision can move between two classes that it fits. */
  reach(revision: string, plan: Plan, a: HostDocument, b: HostDocument): Reach {
    const { reaches } = this.#of(revision)
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

  #of(revision: string): Judged {
    const known = this.#revisions.get(revision) ?? { verdicts: new WeakMap(), reaches: new WeakMap() }
    this.#revisions.set(revision, known)
    return known
  }
}
