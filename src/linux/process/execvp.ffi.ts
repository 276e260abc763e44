import koffi from 'koffi'

const libc = koffi.load(null)
const call = libc.func('int execvp(const char *file, const char **argv)') as unknown as (
  file: string,
  argv: (string | null)[],
) => number

/**
 * execvp(3): this process becomes `argv[0]`, found by PATH, with the environment as it is. To be called on the main
 * thread, or the program would get the pid but not the thread's filters. Returns only where it failed: the errno negated.
 */
export const execvp = (argv: readonly string[]): number => {
  const [file = ''] = argv
  call(file, [...argv, null])
  return -koffi.errno()
}
