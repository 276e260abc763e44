import koffi from 'koffi'

/** What a C function can be given: buffers go by address. */
type CArgument = number | bigint | string | Buffer | null

const libc = koffi.load(null)

/**
 * Binds a libc function that answers -1 and errno. What comes back is the kernel's own convention: the result, or the
 * errno negated.
 */
export const bindSystemCall = (prototype: string): ((...args: CArgument[]) => number) => {
  const call = libc.func(prototype) as unknown as (...args: CArgument[]) => number
  return (...args) => {
    const result = call(...args)
    return result < 0 ? -koffi.errno() : result
  }
}
