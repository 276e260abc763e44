import koffi from 'koffi'
import { bindSystemCall } from '../libc.ffi.ts'

const SIG_SETMASK = 2
// sigset_t of glibc and musl: 1024 bits.
const SIGSET_BYTES = 128

const libc = koffi.load(null)
const signal = libc.func('uintptr_t signal(int number, uintptr_t handler)') as unknown as (
  number: number,
  handler: number,
) => number | bigint
const sigprocmask: (how: number, set: Buffer, old: null) => number = bindSystemCall(
  'int sigprocmask(int how, void *set, void *old)',
)

/** Gives a signal its default disposition: an ignored one would stay ignored over execve(2). */
export const setDefaultSignal = (number: number): void => {
  signal(number, 0)
}

/** Unblocks every signal for this thread: the mask outlives execve(2). 0, or -errno. */
export const clearSignalMask = (): number => sigprocmask(SIG_SETMASK, Buffer.alloc(SIGSET_BYTES), null)
