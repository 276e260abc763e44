import { duplicateFd } from '../../linux/process/duplicate-fd.ffi.ts'
import { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'
import { launchFileName } from '../../supervisor/launch-file.ts'
import type { ContainerIdentity } from './container-identity.ts'

const DIGITS = 16

/** The listener of a container's process, as long as any of its tasks lives. Owns its fd. */
export class ContainerListener {
  readonly container: ContainerIdentity
  readonly fd: number
  /** The holder's number for it, which is part of the name of its file. */
  readonly id: bigint
  /** Whether the holder has taken calls of it that nobody has answered. */
  hasWaitingCalls = false
  /** How often serving it had a fault of ours. */
  faults = 0

  constructor(container: ContainerIdentity, { fd, id }: { readonly fd: number; readonly id: bigint }) {
    this.container = container
    this.fd = fd
    this.id = id
  }

  get digits(): string {
    return this.id.toString(16).padStart(DIGITS, '0')
  }

  get fileName(): string {
    return launchFileName(this.container.pid, this.digits)
  }

  /** For a session, which closes it at its end. */
  duplicate(): NotificationListener {
    return new NotificationListener(duplicateFd(this.fd))
  }
}
