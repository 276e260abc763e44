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

/**
 * Binds a libc function that may block: it is called in a thread of libuv's pool, and this thread goes on. Resolves with what the function
 * returns; errno belongs to the other thread, and is not known. Its buffers must stay as they are until then.
 */
export const bindBackgroundCall = (prototype: string): ((...args: CArgument[]) => Promise<number>) => {
  const call = libc.func(prototype) as unknown as {
    async: (...args: [...CArgument[], (error: unknown, result: number) => void]) => void
  }
  return (...args) =>
    new Promise((resolve, reject) => {
      call.async(...args, (error: unknown, result: number) => {
        if (error instanceof Error) reject(error)
        else resolve(result)
      })
    })
}
