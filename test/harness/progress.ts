/** The prefix of progress lines in a log. */
export const NOTICE = 'lab: '

/**
 * Says what is being done and how long it took, on stderr: on a terminal one line that counts the seconds, in a
 * log one line at the start, one at the end and one per minute in between.
 */
export const progress = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const started = Date.now()
  const seconds = (): string => ((Date.now() - started) / 1000).toFixed(1)
  const terminal = process.stderr.isTTY
  const say = (state: string): void => {
    process.stderr.write(terminal ? `\r\u001b[K${what} ${state}` : `${NOTICE}${what} ${state}\n`)
  }
  say('...')
  const ticking = setInterval(
    () => {
      say(`... ${seconds()} s`)
    },
    terminal ? 1000 : 60_000,
  )
  let state = 'failed'
  try {
    const result = await work()
    state = 'done'
    return result
  } finally {
    clearInterval(ticking)
    say(`${state} (${seconds()} s)${terminal ? '\n' : ''}`)
  }
}

/** One line for people, beside the progress lines. */
export const notice = (text: string): void => {
  process.stderr.write(`${NOTICE}${text}\n`)
}
