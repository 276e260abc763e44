import { printedVcpus } from '../host/vmms/vmm-launch.ts'

/** What is done to a launch between two system calls of its supervisor. */
export const FAULTS = ['kill-supervisor', 'kill-vmm', 'stop-vmm'] as const
export type Fault = (typeof FAULTS)[number]

/** A call of the supervisor, in the order of a launch; the first is 1. */
export type Step = { readonly number: number; readonly call: string }

/** What was seen of a launch at which a fault happened. */
export type SeenCell = {
  readonly number: number
  /** What the VMM printed. */
  readonly stdout: string
  /** As the shell has it: 128 and the signal where one ended it. */
  readonly exitCode: number
  readonly hangs: boolean
  /** Whether there was a supervisor when it was launched: one that a fault before has not ended. */
  readonly served: boolean
  /** Threads that were left stopped, a line each. */
  readonly left: string
}

const RNDR = 0xf000_0000_0000_0000n

/** What a launch came to. Only `no supervisor`, `hang`, `leak` and `UNMASKED` are faults of ours: {@link isFaulty}. */
export const outcomeOf = ({ stdout, exitCode, hangs, served, left }: SeenCell): string => {
  if (!served) return 'no supervisor'
  if (hangs) return 'hang'
  if (left !== '') return 'leak'
  const vcpus = printedVcpus(stdout)
  const ran = vcpus.filter(({ init }) => init === 0)
  const unmasked = ran.some(({ registers }) => {
    const [shown = RNDR, read = RNDR] = registers['ID_AA64ISAR0_EL1'] ?? []
    return ((shown | read) & RNDR) !== 0n
  })
  if (unmasked) return 'UNMASKED'
  if (ran.length > 0) return exitCode === 0 ? 'levelled' : `levelled, then ended with ${exitCode}`
  if (exitCode === 128 + 9) return 'the VMM dies'
  return vcpus.length > 0 ? 'INIT fails' : 'the VM is not made'
}

/** Whether an outcome is one that no launch may have. */
export const isFaulty = (outcome: string): boolean =>
  ['no supervisor', 'hang', 'leak', 'UNMASKED'].includes(outcome)
