import koffi from 'koffi'
import { bindSystemCall } from '../libc.ffi.ts'

const ITIMER_REAL = 0
const SIGALRM = 14
// struct sigaction of glibc and musl on arm64 and x86-64: handler, then the mask, flags and restorer, all zero here.
const SIGACTION_BYTES = 152

const libc = koffi.load(null)
const dlsym = libc.func('void *dlsym(void *handle, const char *name)') as unknown as (
  handle: null,
  name: string,
) => unknown
const sigaction = bindSystemCall('int sigaction(int number, void *action, void *old)')
const setitimer = bindSystemCall('int setitimer(int which, void *value, void *old)')

// struct itimerval {struct timeval interval, value}, each {seconds, microseconds}.
const timer = new BigInt64Array(4)
const timerBytes = Buffer.from(timer.buffer)

let isHandled = false

/**
 * A handler that does nothing, so that the signal only interrupts: abs(3), which takes an int as a handler does and touches nothing.
 * Without SA_RESTART the interrupted call fails with EINTR.
 */
const handleAlarm = (): void => {
  const action = Buffer.alloc(SIGACTION_BYTES)
  action.writeBigUInt64LE(koffi.address(dlsym(null, 'abs')))
  sigaction(SIGALRM, action, null)
  isHandled = true
}

/**
 * Has a system call that blocks this thread fail with EINTR each time so long (ms) has passed; 0: not any more. Again and again, for an
 * alarm that comes before the thread is in its call interrupts nothing. setitimer(2): 0, or -errno.
 */
export const interruptEvery = (milliseconds: number): number => {
  if (!isHandled) handleAlarm()
  timer[0] = timer[2] = BigInt(Math.trunc(milliseconds / 1000))
  timer[1] = timer[3] = BigInt((milliseconds % 1000) * 1000)
  return setitimer(ITIMER_REAL, timerBytes, null)
}
