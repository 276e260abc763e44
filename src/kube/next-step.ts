import { ApiError } from './api-error.ts'

/** How a list or a watch ended. */
export type Ended =
  /** The server closed the watch in good order, or the connection broke in its midst. */
  | { readonly kind: 'closed' }
  /** The server closed the watch at once, and sent nothing. */
  | { readonly kind: 'short' }
  /** Nothing was heard for too long. */
  | { readonly kind: 'stalled' }
  | { readonly kind: 'failed'; readonly error: unknown }

/** What an informer does next, and how long it waits at least. */
export type NextStep = {
  readonly from: 'resourceVersion' | 'list'
  readonly wait: 'none' | 'backoff'
  readonly retryAfterSeconds: number
}

/**
 * Like client-go's reflector: without a connection, after a closed watch and after "too many requests" it continues from the last
 * resourceVersion; after everything else (410 Expired, a resourceVersion that the server does not have yet, 403, 404, ...) it lists
 * again. It waits before everything but the continuation of a watch that worked, so that no answer of a server makes it list in a loop.
 */
export const nextStep = (ended: Ended): NextStep => {
  if (ended.kind !== 'failed') {
    const wait = ended.kind === 'short' ? 'backoff' : 'none'
    return { from: 'resourceVersion', wait, retryAfterSeconds: 0 }
  }
  const { error } = ended
  if (!(error instanceof ApiError)) return { from: 'list', wait: 'backoff', retryAfterSeconds: 0 }
  const resumes = error.status === 0 || error.status === 429
  return {
    from: resumes ? 'resourceVersion' : 'list',
    wait: 'backoff',
    retryAfterSeconds: error.retryAfterSeconds ?? 0,
  }
}
