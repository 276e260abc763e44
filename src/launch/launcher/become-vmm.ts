import { ERRNO } from '../../linux/abi/errno.ts'
import { errnoName } from '../../linux/errno.ts'
import { execvp } from '../../linux/process/execvp.ffi.ts'
import { keepOverExec, setFileFlags } from '../../linux/process/fd-flags.ffi.ts'
import { setNoNewPrivileges, setPtracer } from '../../linux/process/prctl.ffi.ts'
import { clearSignalMask, setDefaultSignal } from '../../linux/process/signals.ffi.ts'
import { filterProgram } from '../../linux/seccomp/filter-program.ts'
import type { FilteredIoctls } from '../../linux/seccomp/filter-program.ts'
import { installFilter } from '../../linux/seccomp/install-filter.ffi.ts'
import { LineReader, sendLine } from './line-pipe.ts'
import type { SupervisorLink } from './start-supervisor.ts'
import { supervisorHello, supervisorReady } from './supervisor-messages.ts'

/** Why this process did not become the VMM. */
export type NotBecome =
  /** Ours: nothing was executed. */
  | { readonly kind: 'not-supervised'; readonly message: string }
  /** execve(2) refused. */
  | { readonly kind: 'not-executable' | 'not-found'; readonly message: string }

/** The VMM's command line, and what it must have as this process got it. */
export type VmmStart = {
  readonly argv: readonly string[]
  /** {@link inheritedFds} of when this process started. */
  readonly inherited: readonly number[]
  /** File status flags by fd: Node changed some. */
  readonly fileFlags: ReadonlyMap<number, number>
}

// Node ignores these two, and an ignored signal stays ignored over execve.
const IGNORED_BY_NODE = [13 /* SIGPIPE */, 25 /* SIGXFSZ */]
/**
 * Guards against a supervisor that hangs. One that has ended closes its pipe, so a longer wait costs nothing then, and on a loaded host
 * Node may need more than a minute to start.
 */
const DEADLINE_MS = 600_000

const notSupervised = (message: string): NotBecome => ({ kind: 'not-supervised', message })

const filterFailure = (errno: number): string =>
  errno === ERRNO.EBUSY
    ? 'this process is under another seccomp listener (a pod that the node-agent serves?): the VMM is supervised there already'
    : `the seccomp filter could not be installed: ${errnoName(errno)}`

/** Puts this thread under the filter and has the supervisor take its listener. Undefined: supervised. */
const comeUnderSupervision = (filtered: FilteredIoctls, link: SupervisorLink): NotBecome | undefined => {
  const replies = new LineReader(link.fromSupervisor)
  const hello = supervisorHello.safeParse(replies.receive(DEADLINE_MS))
  if (!hello.success) return notSupervised('the supervisor did not start')
  // Yama's restricted mode would let only an ancestor trace us; EINVAL if there is no Yama.
  setPtracer(hello.data.pid)
  setNoNewPrivileges()
  const listener = installFilter(filterProgram(filtered))
  if (listener < 0) return notSupervised(filterFailure(-listener))
  sendLine(link.toSupervisor, { pid: process.pid, listener })
  const ready = supervisorReady.safeParse(replies.receive(DEADLINE_MS))
  if (!ready.success) return notSupervised('the supervisor ended before it took the listener')
  return ready.data.error === undefined ? undefined : notSupervised(ready.data.error)
}

/**
 * This process becomes `argv`, found by PATH, under the filter and supervised: same pid, stdio, environment, signals. To be called on
 * the main thread; the others end with execve(2). Returns only where it did not come to that.
 */
export const becomeVmm = (
  { argv, inherited, fileFlags }: VmmStart,
  filtered: FilteredIoctls,
  link: SupervisorLink,
): NotBecome => {
  const failure = comeUnderSupervision(filtered, link)
  if (failure !== undefined) return failure
  IGNORED_BY_NODE.forEach(setDefaultSignal)
  clearSignalMask()
  for (const fd of inherited) keepOverExec(fd)
  setFileFlags(fileFlags)
  const errno = -execvp(argv)
  return {
    kind: errno === ERRNO.ENOENT ? 'not-found' : 'not-executable',
    message: `${argv[0] ?? ''}: ${errnoName(errno)}`,
  }
}
