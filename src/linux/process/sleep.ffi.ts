import { bindSystemCall } from '../libc.ffi.ts'

const yieldProcessor: () => number = bindSystemCall('int sched_yield()')
const usleep: (microseconds: number) => number = bindSystemCall('int usleep(unsigned int microseconds)')

/** Gives this CPU to another thread: on a single CPU, the thread that we wait for then runs. */
export const schedYield = (): void => {
  yieldProcessor()
}

/** Sleeps; blocks this thread. At most a second. */
export const sleepMicroseconds = (microseconds: number): void => {
  usleep(microseconds)
}
