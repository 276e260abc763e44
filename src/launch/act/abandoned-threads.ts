/** Threads of a session that is served no more. */
export type AbandonedThreads = {
  /** On borrowed registers: they cannot go on. */
  readonly bound: readonly { readonly tid: number; readonly pid: number }[]
  /** As they were, and to be let go at their stop: they make their calls again. */
  readonly interrupted: readonly number[]
}
