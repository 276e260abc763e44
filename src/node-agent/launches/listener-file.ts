import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { lockNow } from '../../linux/process/flock.ffi.ts'
import { isLaunchFile, LaunchFile } from '../../supervisor/launch-file.ts'
import { saveFixed } from '../../supervisor/saved-state.ts'
import type { ContainerListener } from './container-listener.ts'
import type { ContainerOrder } from './container-order.ts'
import { readLeftContainer } from './left-container.ts'
import { lostLaunch, type LostLaunch } from './lost-launch.ts'

type Named = Pick<ContainerListener, 'container' | 'digits' | 'fileName'>

/** The file of a listener in a folder; undefined if there is none. Throws if it cannot open it. */
export const openListenerFile = (folder: string, { fileName }: Named): LaunchFile | undefined =>
  lstatSync(join(folder, fileName), { throwIfNoEntry: false })?.isFile() === true
    ? LaunchFile.open(folder, fileName)
    : undefined

/** What became of the files that no listener has. */
export type OtherFiles = {
  /** The names of those that this version cannot read, and of what is not ours: they stay. */
  readonly unreadable: readonly string[]
  readonly lost: readonly LostLaunch[]
}

/** Removes the files of listeners that have ended while no agent was there. What another agent has locked stays. */
export const forgetOtherFiles = (folder: string, listeners: readonly Named[]): OtherFiles => {
  const known = new Set(listeners.map(({ fileName }) => fileName))
  const others = readdirSync(folder).filter((name) => !known.has(name))
  const kept = others.map((name) => ({
    name,
    became: isLaunchFile(folder, name) ? forgotten(folder, name) : 'unreadable',
  }))
  return {
    unreadable: kept.filter(({ became }) => became === 'unreadable').map(({ name }) => name),
    lost: kept.flatMap(({ became }) => (typeof became === 'object' ? became : [])),
  }
}

const forgotten = (folder: string, name: string): LostLaunch | 'unreadable' | 'locked' | 'forgotten' => {
  using file = LaunchFile.open(folder, name)
  // Of a listener that another agent serves yet, or again: it lets go when it leaves.
  if (lockNow(file.fd) !== 0) return 'locked'
  const left = readLeftContainer(file.fd)
  if (left.kind === 'unreadable') return 'unreadable'
  const lost = left.kind === 'left' ? lostLaunch(file.fd, left) : undefined
  file.forget()
  return lost ?? 'forgotten'
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
