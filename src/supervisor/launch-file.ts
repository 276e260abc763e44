import { randomBytes } from 'node:crypto'
import { closeSync, lstatSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Where a launch's state is, in a folder that others may use too: `launch-`, the pid of its launcher, and some random digits. */
const NAME = /^launch-\d+-[0-9a-f]{16}$/

/** The name of a launch's file. */
export const launchFileName = (pid: number, digits: string): string => `launch-${pid}-${digits}`

/** Whether a file of this folder has a name that a supervisor gives. */
export const isLaunchFile = (folder: string, name: string): boolean =>
  NAME.test(name) && lstatSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true

/** The file of one launch in the state folder. Owns its fd. */
export class LaunchFile {
  readonly path: string
  readonly fd: number
  #isOpen = true

  private constructor(path: string, flags: string) {
    this.path = path
    this.fd = openSync(path, flags, 0o600)
  }

  /** Makes one, with 16 hexadecimal digits in its name that nobody else has. Throws if it cannot. */
  static create(folder: string, pid: number, digits = randomBytes(8).toString('hex')): LaunchFile {
    return new LaunchFile(join(folder, launchFileName(pid, digits)), 'wx+')
  }

  /** Opens what a supervisor left. Throws if it cannot. */
  static open(folder: string, name: string): LaunchFile {
    return new LaunchFile(join(folder, name), 'r+')
  }

  /** Nothing is left to succeed to: removes it. */
  forget(): void {
    this[Symbol.dispose]()
    rmSync(this.path, { force: true })
  }

  /** Closes it, and leaves it where it is. */
  [Symbol.dispose](): void {
    if (this.#isOpen) closeSync(this.fd)
    this.#isOpen = false
  }
}
