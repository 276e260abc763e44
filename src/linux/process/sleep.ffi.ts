import { bindSystemCall } from '../libc.ffi.ts'

const yieldProcessor: () => number = bindSystemCall('int sched_yield()')
const usleep: (microseconds: number) => number = bindSystemCall('int usleep(unsigned int microseconds)')

/** Lets another thread have this CPU: on one CPU the thread that is waited for gets to run. */
export const schedYield = (): void => {
  yieldProcessor()
}

/** Sleeps; blocks this thread. At most a second. */
export const sleepMicroseconds = (microseconds: number): void => {
  usleep(microseconds)
}
