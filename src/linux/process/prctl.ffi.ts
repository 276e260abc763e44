import { bindSystemCall } from '../libc.ffi.ts'

// include/uapi/linux/prctl.h
const PR_SET_NO_NEW_PRIVS = 38
const PR_SET_PTRACER = 0x5961_6d61
const PR_SET_TIMERSLACK = 29

const prctl = bindSystemCall(
  'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
)

/** From here on, no execve of this thread gains privileges. A filter needs this if there is no CAP_SYS_ADMIN. */
export const setNoNewPrivileges = (): number => prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)

/** Lets `pid` trace this process under Yama's restricted mode. -EINVAL without Yama, where nobody needs this. */
export const setPtracer = (pid: number): number => prctl(PR_SET_PTRACER, pid, 0, 0, 0)

/** How late this thread's sleeps may end, in ns (at least 1); 50 us otherwise. */
export const setTimerSlack = (nanoseconds: number): number => prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0)
