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
 * A handler that does nothing, so that the signal only interrupts: abs(3) takes an int, as a handler does, and changes nothing.
 * Without SA_RESTART the interrupted call fails with EINTR.
 */
const handleAlarm = (): void => {
  const action = Buffer.alloc(SIGACTION_BYTES)
  action.writeBigUInt64LE(koffi.address(dlsym(null, 'abs')))
  sigaction(SIGALRM, action, null)
  isHandled = true
}

/**
 * Makes a system call that blocks this thread fail with EINTR at this interval (ms); 0 stops it. The alarm repeats, because one that
 * comes before the thread is in its call interrupts nothing. setitimer(2): 0, or -errno.
 */
export const interruptEvery = (milliseconds: number): number => {
  if (!isHandled) handleAlarm()
  timer[0] = timer[2] = BigInt(Math.trunc(milliseconds / 1000))
  timer[1] = timer[3] = BigInt((milliseconds % 1000) * 1000)
  return setitimer(ITIMER_REAL, timerBytes, null)
}
