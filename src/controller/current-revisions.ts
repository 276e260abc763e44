import type { CpuFeatureProfile } from '../api/cpu-feature-profile.ts'
import { profileOfRevision } from '../plan/revision-name.ts'

/** Finds a profile by name. */
export type ProfileLookup = (name: string) => CpuFeatureProfile | undefined

/**
 * The current revision of each profile, as compiled by this process. It is known here before the revision exists and before the
 * status names it, so that nobody takes a new revision for garbage.
 */
export class CurrentRevisions {
  readonly #compiled = new Map<string, string | undefined>()
  readonly #profile: ProfileLookup
  readonly #handlers = new Set<(profile: string) => void>()

  constructor(profile: ProfileLookup) {
    this.#profile = profile
  }

  /** Records that a profile was compiled, to `revision` or to none. */
  set(profile: string, revision: string | undefined): void {
    const same = this.#compiled.has(profile) && this.#compiled.get(profile) === revision
    this.#compiled.set(profile, revision)
    if (!same) for (const handler of this.#handlers) handler(profile)
  }

  /** Calls back when a profile was compiled for the first time, or to another revision. That may happen without a change of any object. */
  onChange(handler: (profile: string) => void): void {
    this.#handlers.add(handler)
  }

  forget(profile: string): void {
    this.#compiled.delete(profile)
  }

  /** Whether a revision is the current one of its profile; 'unknown' while this process has not compiled the profile. */
  isCurrent(revision: string): boolean | 'unknown' {
    const name = profileOfRevision(revision)
    const profile = this.#profile(name)
    if (profile === undefined) return false
    if (this.#compiled.has(name)) return this.#compiled.get(name) === revision
    return profile.status?.currentRevision === revision ? true : 'unknown'
  }
}
