import type { Clock } from './clock.ts'

/** One part of a process. Parts start in the order of their list and stop in the reverse order. */
export type Part = {
  readonly name: string
  readonly start: () => Promise<unknown> | undefined
  readonly stop: () => Promise<unknown> | undefined
}

export type LifecycleOptions = {
  readonly parts: readonly Part[]
  readonly clock: Clock
  readonly log: { info(data: object, message: string): void; error(data: object, message: string): void }
  /** For the whole stop. Default 20, less than the 30 s that a pod gets by default. */
  readonly stopSeconds?: number | undefined
}

export type LifecycleEnd =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'start-failed'; readonly part: string; readonly error: unknown }
  /** These did not stop, or not in time. */
  | { readonly kind: 'stop-failed'; readonly parts: readonly string[] }

/**
 * Starts the parts, waits until `signal` aborts (see `stopSignal`), and stops the started parts in reverse order. If a part does not
 * start, the parts before it are stopped. A part that fails or hangs when it stops does not keep the others from being stopped within
 * the deadline.
 */
export const runLifecycle = async (options: LifecycleOptions, signal: AbortSignal): Promise<LifecycleEnd> => {
  const started: Part[] = []
  for (const part of options.parts) {
    if (signal.aborted) break
    try {
      await part.start()
    } catch (error) {
      options.log.error({ err: error, part: part.name }, 'part did not start')
      await stopAll(started, options)
      return { kind: 'start-failed', part: part.name, error }
    }
    started.push(part)
  }
  await aborted(signal)
  options.log.info({ parts: started.length }, 'stopping')
  const failed = await stopAll(started, options)
  return failed.length === 0 ? { kind: 'stopped' } : { kind: 'stop-failed', parts: failed }
}

const stopAll = async (started: readonly Part[], options: LifecycleOptions): Promise<string[]> => {
  const endsAt = options.clock.monotonic() + (options.stopSeconds ?? 20) * 1000
  const failed: string[] = []
  for (const part of started.toReversed()) {
    const inTime = await stopOne(part, endsAt - options.clock.monotonic(), options)
    if (!inTime) failed.push(part.name)
  }
  return failed
}

/** After the deadline a part is still asked to stop, but gets no time. */
const stopOne = async (part: Part, leftMs: number, options: LifecycleOptions): Promise<boolean> => {
  const done = new AbortController()
  const stopping = Promise.resolve()
    .then(() => part.stop())
    .then(
      () => true,
      (error: unknown) => {
        options.log.error({ err: error, part: part.name }, 'part failed to stop')
        return false
      },
    )
  const late = options.clock.sleep(leftMs, done.signal).then(() => {
    if (!done.signal.aborted) options.log.error({ part: part.name }, 'part did not stop in time')
    return false
  })
  const inTime = await Promise.race([stopping, late])
  done.abort()
  return inTime
}

const aborted = (signal: AbortSignal): Promise<void> => {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    signal.addEventListener(
      'abort',
      () => {
        resolve()
      },
      { once: true },
    )
  })
}
