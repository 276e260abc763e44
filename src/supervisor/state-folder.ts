import { closeSync, mkdirSync, openSync } from 'node:fs'
import { ERRNO } from '../linux/abi/errno.ts'
import { errnoName } from '../linux/errno.ts'
import { lockNow } from '../linux/process/flock.ffi.ts'

/**
 * Makes the folder in which a supervisor keeps its launches, and locks it for as long as this process lives: two that serve the launches
 * of one folder would take each other's calls. Returns why it cannot; undefined if it has.
 */
export const lockStateFolder = (path: string): string | undefined => {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const folder = openSync(path, 'r')
  const result = lockNow(folder)
  if (result === 0) return undefined
  closeSync(folder)
  return result === -ERRNO.EAGAIN
    ? `--state ${path}: another supervisor keeps its launches there; one is enough for all launches of a host`
    : `--state ${path}: ${errnoName(-result)}`
}
