import type { HostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import { reach, type Reach } from '../compatibility/reach.ts'
import { verdict, type Verdict } from '../compatibility/verdict.ts'

type Judged = {
  readonly verdicts: WeakMap<HostDocument, Verdict>
  readonly reaches: WeakMap<HostDocument, WeakMap<HostDocument, Reach>>
}

/**
 * What is known of revisions and host classes: each pair is judged once, for a revision never changes and the one
 * document kept for a class does not either. A class's answers go when its document does.
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

  /** Drops what is known of a revision that is gone. */
  forget(revision: string): void {
    this.#revisions.delete(revision)
  }

  #of(revision: string): Judged {
    const known = this.#revisions.get(revision) ?? { verdicts: new WeakMap(), reaches: new WeakMap() }
    this.#revisions.set(revision, known)
    return known
  }
}
