/**
 * Sends values one at a time, so that a slow receiver holds up a bounded number of them: of those that come while one is being sent, only
 * the last is sent next. `send` handles its own errors. `pending` has the promise of what is in progress.
 */
export const latestOnly = <Value>(
  send: (value: Value) => Promise<void>,
  pending: Set<Promise<void>>,
): ((value: Value) => void) => {
  let waiting: { readonly value: Value } | undefined
  let isSending = false
  const sendAll = async (): Promise<void> => {
    while (waiting !== undefined) {
      const { value } = waiting
      waiting = undefined
      await send(value)
    }
    isSending = false
  }
  return (value) => {
    waiting = { value }
    if (isSending) return
    isSending = true
    const sent: Promise<void> = sendAll().finally(() => pending.delete(sent))
    pending.add(sent)
  }
}
