/**
 * Whoever reads our output may stop (`| head`): that is no failure, and nothing is left to say. To be called by what writes, and not at
 * every start: `process.stdout` makes a pipe non-blocking once it is looked at, and the process of `run` becomes a VMM that has the same pipe.
 */
export const endWithReader = (): void => {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(process.exitCode)
  })
}
