/** What is done to a launch between two system calls of its supervisor, as docs/faults.md says it. test/fixtures/vmm/fault-acts.c does it. */
export const FAULTS = {
  'kill-supervisor':
    'SIGKILL to the supervisor. A shell starts the next one, which takes the listener out of the VMM ([decision 9](adr/0009-a-shell-keeps-a-supervisor.md)).',
  'kill-vmm': 'SIGKILL to the VMM.',
  'stop-vmm': 'SIGSTOP to the VMM, and SIGCONT 300 ms later.',
  'exit-vmm': 'another thread of the VMM ends the process (`exit_group`).',
  'exec-vmm': 'another thread of the VMM executes another program, `/bin/true`.',
  'freeze-vmm': "the VMM's cgroup is frozen, and thawed 300 ms later.",
  'trace-vmm':
    'another tracer takes every thread of the VMM that it can get, as `strace -p` does, and keeps it for 300 ms.',
  'signal-vmm': 'a hundred SIGUSR1, one a millisecond, to the thread that is served; it has a handler.',
} as const satisfies Readonly<Record<string, string>>

export type Fault = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as readonly Fault[]

/** A fault before the call of that number of a supervisor; the first is 1. */
export type Cell = { readonly fault: Fault; readonly number: number }

/** As `fault` takes it, and as it is kept. */
export const cellName = ({ fault, number }: Cell): string => `${fault}:${number}`
