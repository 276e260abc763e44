import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lockNow } from '../../linux/process/flock.ffi.ts'
import { isLaunchFile, LaunchFile } from '../../supervisor/launch-file.ts'
import { saveFixed } from '../../supervisor/saved-state.ts'
import type { ContainerListener } from './container-listener.ts'
import type { ContainerOrder } from './container-order.ts'
import { readLeftContainer } from './left-container.ts'

type Named = Pick<ContainerListener, 'container' | 'digits' | 'fileName'>

/** The file of a listener in a folder; undefined if there is none. Throws if it cannot open it. */
export const openListenerFile = (folder: string, { fileName }: Named): LaunchFile | undefined =>
  lstatSync(join(folder, fileName), { throwIfNoEntry: false })?.isFile() === true
    ? LaunchFile.open(folder, fileName)
    : undefined

/**
 * Removes the files of listeners that have ended while no agent was there. What this version cannot read stays, and so does what is not
 * ours; so does what another agent has locked. Returns the files that this version cannot read.
 */
export const forgetOtherFiles = (folder: string, listeners: readonly Named[]): string[] => {
  const known = new Set(listeners.map(({ fileName }) => fileName))
  return readdirSync(folder).filter((name) => {
    if (known.has(name)) return false
    if (!isLaunchFile(folder, name)) return true
    const file = LaunchFile.open(folder, name)
    // Of a listener that another agent serves yet, or again: it lets go when it leaves.
    if (lockNow(file.fd) !== 0) {
      file[Symbol.dispose]()
      return false
    }
    if (readLeftContainer(file.fd).kind === 'unreadable') {
      file[Symbol.dispose]()
      return true
    }
    file.forget()
    return false
  })
}

/**
 * Makes the file of a listener that nobody has served. A file of its name was another's, which has ended: a runtime gave the same pid
 * again. Throws if it cannot write it (ENOSPC); then there is none.
 */
export const makeListenerFile = (folder: string, listener: Named, order: ContainerOrder): LaunchFile => {
  openListenerFile(folder, listener)?.forget()
  const file = LaunchFile.create(folder, listener.container.pid, listener.digits)
  try {
    saveFixed(file.fd, order)
  } catch (error) {
    file.forget()
    throw error
  }
  return file
}
