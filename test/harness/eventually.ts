import { inspect } from 'node:util'
import { setTimeout as delay } from 'node:timers/promises'
import { notice } from './progress.ts'

/**
 * Seconds after which a wait counts as endless. This guards against hanging and expects nothing of the machine's
 * speed: what takes five seconds on an idle machine may take a minute on a slow one beside other work.
 */
export const HANG_GUARD_S = 600

const SAID_EACH_MS = 30_000

/**
 * Asks again and again until `question` resolves to a value; undefined or an error means: not yet. Says now and then what it waits
 * for, and throws with that and the last error once {@link HANG_GUARD_S} have passed.
 */
export const eventually = async <T>(
  what: string,
  question: () => Promise<T | undefined>,
  { everyMs = 200 }: { readonly everyMs?: number } = {},
): Promise<T> => {
  const startedAt = performance.now()
  let toSayAt = startedAt + SAID_EACH_MS
  let last: unknown
  for (;;) {
    try {
      const answer = await question()
      if (answer !== undefined) return answer
    } catch (error) {
      last = error
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000)
    if (seconds > HANG_GUARD_S) throw new Error(`${what}: not so after ${seconds} s`, { cause: last })
    if (performance.now() > toSayAt) {
      toSayAt += SAID_EACH_MS
      notice(`waiting for ${seconds} s until so: ${what}${last === undefined ? '' : ` (${firstLine(last)})`}`)
    }
    await delay(everyMs)
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : inspect(error)).split('\n')[0] ?? ''
