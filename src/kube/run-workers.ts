import { ApiError, isApiError } from './api-error.ts'
import type { Log } from './log.ts'
import { retryAfterMs } from './retry-after.ts'
import type { WorkQueue } from './work-queue.ts'

/** The result of working on a key. Nothing means done until something changes. */
export type ReconcileResult = { readonly requeueAfterMs: number } | undefined

/** One finished piece of work, for metrics. */
export type ReconcileOutcome<K> = {
  readonly key: K
  readonly result: 'success' | 'requeue' | 'conflict' | 'error'
  readonly seconds: number
}

export type WorkersOptions<K> = {
  readonly concurrency: number
  /** Brings the objects of one key to their desired state. Throws in order to be called again after a back-off. */
  readonly reconcile: (key: K, signal: AbortSignal) => Promise<ReconcileResult>
  /** One reconcile may take this long before its signal aborts. Default 60. */
  readonly timeoutSeconds?: number | undefined
  readonly log: Log
  /** In [0, 1). Default Math.random. */
  readonly random?: (() => number) | undefined
  readonly observe?: ((outcome: ReconcileOutcome<K>) => void) | undefined
}

/** Works the queue off with some workers at once. Resolves when the queue is shut down and every worker has ended. */
export const runWorkers = async <K>(queue: WorkQueue<K>, options: WorkersOptions<K>): Promise<void> => {
  await Promise.all(Array.from({ length: options.concurrency }, () => work(queue, options)))
}

const work = async <K>(queue: WorkQueue<K>, options: WorkersOptions<K>): Promise<void> => {
  for (let key = await queue.get(); key !== undefined; key = await queue.get()) {
    const startedAt = performance.now()
    const result = await workOn(queue, key, options)
    options.observe?.({ key, result, seconds: (performance.now() - startedAt) / 1000 })
    queue.done(key)
  }
}

const workOn = async <K>(
  queue: WorkQueue<K>,
  key: K,
  options: WorkersOptions<K>,
): Promise<ReconcileOutcome<K>['result']> => {
  try {
    const result = await options.reconcile(key, AbortSignal.timeout((options.timeoutSeconds ?? 60) * 1000))
    queue.forget(key)
    if (result === undefined) return 'success'
    queue.addAfter(key, result.requeueAfterMs)
    return 'requeue'
  } catch (error) {
    return retryLater(queue, key, error, options)
  }
}

/** A conflict is the normal end of a race: someone wrote first, and the next attempt sees what they wrote. */
const retryLater = <K>(
  queue: WorkQueue<K>,
  key: K,
  error: unknown,
  { log, random = Math.random }: WorkersOptions<K>,
): 'conflict' | 'error' => {
  const conflict = isApiError(error, 409)
  if (conflict) log.debug({ key, err: error }, 'conflict, trying again')
  else log.error({ key, err: error, failures: queue.failures(key) + 1 }, 'reconcile failed, trying again')
  const afterSeconds = error instanceof ApiError ? error.retryAfterSeconds : undefined
  if (afterSeconds === undefined) queue.addRateLimited(key)
  else queue.addAfter(key, retryAfterMs(afterSeconds, random()))
  return conflict ? 'conflict' : 'error'
}
