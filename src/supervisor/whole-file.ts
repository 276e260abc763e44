import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** A path to which we can write a file whole or not at all; or why we cannot. */
export type WholeFile =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'failed'; readonly message: string }

const failed = (message: string): WholeFile => ({ kind: 'failed', message })

/** Checks whether a path can take a file. Not a device, a FIFO or a folder: renaming would replace it with a file. */
export const wholeFile = (path: string): WholeFile => {
  try {
    const absolute = resolve(path)
    const file = statSync(absolute, { throwIfNoEntry: false })
    if (file?.isFile() === false)
      return failed('not a regular file; give a regular file, or a new name in an existing folder')
    const target = file === undefined ? absolute : realpathSync(absolute)
    accessSync(dirname(target), constants.W_OK)
    return { kind: 'file', path: target }
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    return failed(`${code}; give a file in an existing folder that this user may write`)
  }
}

/** Writes a file whole or not at all, and follows no link that someone else put there. Throws if it cannot. */
export const writeWhole = (path: string, text: string): void => {
  const making = `${path}.new`
  rmSync(making, { force: true })
  writeFileSync(making, text, { flag: 'wx' })
  renameSync(making, path)
}
