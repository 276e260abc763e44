import koffi from 'koffi'

/** An argument of a C function; buffers are passed by address. */
type CArgument = number | bigint | string | Buffer | null

const libc = koffi.load(null)

/**
 * Binds a libc function that returns -1 and sets errno. The bound function follows the kernel's convention: it returns the result, or
 * the negated errno.
 */
export const bindSystemCall = (prototype: string): ((...args: CArgument[]) => number) => {
  const call = libc.func(prototype) as unknown as (...args: CArgument[]) => number
  return (...args) => {
    const result = call(...args)
    return result < 0 ? -koffi.errno() : result
  }
}
