import koffi from 'koffi'

const libc = koffi.load(null)
const call = libc.func('int execvp(const char *file, const char **argv)') as unknown as (
  file: string,
  argv: (string | null)[],
) => number

/**
 * execvp(3): this process becomes `argv[0]`, found by PATH, with the environment as it is. Call it on the main
 * thread: from another one, the program would get the pid but not the thread's filters. Returns only if it failed, the negated errno.
 */
export const execvp = (argv: readonly string[]): number => {
  const [file = ''] = argv
  call(file, [...argv, null])
  return -koffi.errno()
}
