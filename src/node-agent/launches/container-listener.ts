import { createHash } from 'node:crypto'
import { duplicateFd } from '../../linux/process/duplicate-fd.ffi.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import { launchFileName } from '../../supervisor/launch-file.ts'
import type { ContainerIdentity } from './container-identity.ts'

const DIGITS = 16

/** The listener of a container's process, as long as any of its tasks lives. Owns its fd. */
export class ContainerListener {
  readonly container: ContainerIdentity
  readonly fd: number
  /** Part of the name of its file: the same for every agent that gets this listener. */
  readonly digits: string
  /** How often serving it had a fault of ours. */
  faults = 0

  /** `state`: what the runtime has sent with the fd. */
  constructor(container: ContainerIdentity, fd: number, state: Buffer) {
    this.container = container
    this.fd = fd
    this.digits = createHash('sha256').update(state).digest('hex').slice(0, DIGITS)
  }

  get fileName(): string {
    return launchFileName(this.container.pid, this.digits)
  }

  /** For a session, which closes it at its end. */
  duplicate(): NotificationListener {
    return new NotificationListener(duplicateFd(this.fd))
  }
}
