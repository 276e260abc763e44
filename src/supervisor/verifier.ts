/** What a {@link Verifier} looks at: a launch session. */
export type Verifiable = {
  /** Whether a levelled VM has yet to be looked at after it has run. */
  readonly isToVerify: boolean
  /** While a call is being served there is no time to look. */
  readonly isServing: boolean
}

/** Debugfs is looked at so often at first; a VM may never run, and debugfs never show it. */
const SHORTEST_MS = 100
const LONGEST_MS = 30_000
/** A look comes later by this share of the time since the first. */
const LATE = 0.1
/** A look that takes long is not repeated before so many times as long: others are served by the same thread. */
const REST = 20

type Looking = { readonly since: number; next: number }

/** Looks at the VMs of sessions that have yet to be verified: soon at first, then ever more seldom. */
export class Verifier<Session extends Verifiable> {
  readonly #verify: (session: Session) => void
  readonly #now: () => number
  readonly #looking = new Map<Session, Looking>()

  /** `verify` looks at a session; `now`: the time in ms. */
  constructor(verify: (session: Session) => void, now: () => number) {
    this.#verify = verify
    this.#now = now
  }

  /** Looks at those whose time has come; then how long may be waited, in ms, -1: forever. */
  look(sessions: Iterable<Session>): number {
    const now = this.#now()
    const waiting = [...sessions].filter(({ isToVerify }) => isToVerify)
    this.#forgetAllBut(new Set(waiting))
    const next = waiting.map((session) => this.#lookAt(session, now))
    return next.length === 0 ? -1 : Math.max(0, Math.min(...next) - now)
  }

  /** A session that is verified, or over; when another VM of it is levelled it begins anew. */
  #forgetAllBut(waiting: ReadonlySet<Session>): void {
    for (const session of this.#looking.keys()) if (!waiting.has(session)) this.#looking.delete(session)
  }

  /** When it is looked at next. */
  #lookAt(session: Session, now: number): number {
    const looking = this.#looking.get(session) ?? { since: now, next: now + SHORTEST_MS }
    this.#looking.set(session, looking)
    if (now < looking.next) return looking.next
    if (!session.isServing) this.#verify(session)
    const interval = session.isServing ? SHORTEST_MS : LATE * (now - looking.since)
    const rest = REST * (this.#now() - now)
    looking.next = now + Math.max(Math.min(Math.max(interval, SHORTEST_MS), LONGEST_MS), rest)
    return looking.next
  }
}
