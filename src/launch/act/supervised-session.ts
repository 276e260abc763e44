import type { NotificationListener } from '../../linux/seccomp/notification-listener.ffi.ts'

/** What a supervisor serves: the calls of one listener. */
export type SupervisedSession = {
  readonly listener: NotificationListener
  /** Whether a thread will stop, or end. */
  readonly isServing: boolean
  /** Whether this process must not end now: it serves a call, or has interrupted a thread. Others find what else waits. */
  readonly holdsThreads: boolean
  /** Whether every served call only waits for its own notification. */
  readonly expectsNotifications: boolean
  /** Whether a levelled VM has yet to be looked at after it has run. */
  readonly isToVerify: boolean
  /** `folders`: the VMs of KVM's debugfs; undefined if that cannot be read. */
  verify(folders: readonly string[] | undefined): void
  /** Goes on with the threads that have stopped or ended since; whether there was one. */
  advance(): boolean
  /** Takes the next call that the filter has notified; false if there was none after all. */
  receive(): boolean
  /** The last task of the filter has ended. */
  end(): void
}
