import { ApiError } from './api-error.ts'

/** How a list or a watch ended. */
export type Ended =
  /** The server closed the watch in good order, or nothing was heard for too long. */
  | { readonly kind: 'closed' }
  | { readonly kind: 'stalled' }
  | { readonly kind: 'failed'; readonly error: unknown }

/** What an informer does next, and how long it waits at least. */
export type NextStep = {
  readonly from: 'resourceVersion' | 'list'
  readonly wait: 'none' | 'backoff'
  readonly atLeastMs: number
}

/**
 * Like client-go's reflector: without a connection, after a closed watch and after "too many requests" it continues from the last
 * resourceVersion; after everything else (410 Expired, a resourceVersion that the server does not have yet, 403, 404, ...) it lists again.
 */
export const nextStep = (ended: Ended, progressed: boolean): NextStep => {
  if (ended.kind !== 'failed') {
    return { from: 'resourceVersion', wait: progressed ? 'none' : 'backoff', atLeastMs: 0 }
  }
  const error = ended.error
  if (!(error instanceof ApiError)) return { from: 'list', wait: 'backoff', atLeastMs: 0 }
  const expired = error.status === 410
  const resumes = error.status === 0 || error.status === 429
  return {
    from: resumes ? 'resourceVersion' : 'list',
    wait: expired && progressed ? 'none' : 'backoff',
    atLeastMs: (error.retryAfterSeconds ?? 0) * 1000,
  }
}
