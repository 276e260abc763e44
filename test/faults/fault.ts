/**
 * The faults of a launch between two system calls of its supervisor, in the words of docs/faults.md. test/fixtures/vmm/fault-acts.c
 * causes them.
 */
export const FAULTS = {
  'kill-supervisor':
    'the supervisor gets SIGKILL. A shell starts the next supervisor, which takes the listener from the VMM ' +
    '([decision 9](adr/0009-a-shell-keeps-a-supervisor.md)).',
  'kill-vmm': 'the VMM gets SIGKILL.',
  'stop-vmm': 'the VMM gets SIGSTOP, and then SIGCONT 300 ms later.',
  'exit-vmm': 'another thread of the VMM ends the process (`exit_group`).',
  'exec-vmm': 'another thread of the VMM executes another program, `/bin/true`.',
  'freeze-vmm': "the VMM's cgroup is frozen, and thawed 300 ms later.",
  'trace-vmm':
    'another tracer attaches to as many threads of the VMM as it can, like `strace -p`. It detaches after 300 ms.',
  'signal-vmm':
    'the thread whose call the supervisor serves gets a hundred SIGUSR1 signals, one per millisecond. The VMM ' +
    'has a handler for SIGUSR1.',
} as const satisfies Readonly<Record<string, string>>

export type Fault = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as readonly Fault[]

/** A fault before the supervisor's call of this number; the first call is 1. */
export type Cell = { readonly fault: Fault; readonly number: number }

/** The name of a cell: `fault` accepts it, and the kept matrix uses it as its key. */
export const cellName = ({ fault, number }: Cell): string => `${fault}:${number}`
