/** A signal that SIGTERM and SIGINT abort. A second one ends the process at once, as the shell expects (128 + number). */
export const stopSignal = (): { readonly signal: AbortSignal; readonly stop: (reason: unknown) => void } => {
  const controller = new AbortController()
  const numbers = { SIGTERM: 15, SIGINT: 2 } as const
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + numbers[name])
      controller.abort(name)
    })
  }
  return {
    signal: controller.signal,
    stop: (reason) => {
      controller.abort(reason)
    },
  }
}
