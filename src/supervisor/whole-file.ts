import { accessSync, constants, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

/** A place where a file can be written whole or not at all, or why it is none. */
export type WholeFile =
  { readonly kind: 'file'; readonly path: string } | { readonly kind: 'failed'; readonly message: string }

const failed = (message: string): WholeFile => ({ kind: 'failed', message })

/** Looks whether there can be a file. A device, a FIFO or a folder cannot be written whole: renaming would put a file in its place. */
export const wholeFile = (path: string): WholeFile => {
  try {
    const absolute = resolve(path)
    const file = statSync(absolute, { throwIfNoEntry: false })
    if (file?.isFile() === false) return failed('it is no regular file; name one, or a new one in a folder')
    const target = file === undefined ? absolute : realpathSync(absolute)
    accessSync(dirname(target), constants.W_OK)
    return { kind: 'file', path: target }
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException
    return failed(`${code}; name a file in a folder that is there and can be written to`)
  }
}

/** Writes it whole or not at all, through no link that another put there. Throws where it cannot. */
export const writeWhole = (path: string, text: string): void => {
  const making = `${path}.new`
  rmSync(making, { force: true })
  writeFileSync(making, text, { flag: 'wx' })
  renameSync(making, path)
}
