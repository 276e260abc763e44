/**
 * Ends this process quietly when the reader of its output stops (`| head`); that is not a failure, but an output that
 * cannot be written (a full disk) is. Call it from code that writes, not
 * at every start: touching `process.stdout` makes a pipe non-blocking, and the process of `run` becomes a VMM that has the same pipe.
 */
export const endWithReader = (): void => {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode)
    process.stderr.write(`cpufeatures: the output cannot be written: ${error.message}\n`)
    process.exit(1)
  })
}
