import { errnoName } from '../../src/linux/errno.ts'
import { printedVcpus } from '../host/vmms/vmm-launch.ts'
import type { Cell } from './fault.ts'

/** What was seen of a launch at which a fault happened. */
export type SeenCell = Cell & {
  /** The call at which it happened, as {@link Step.call}; undefined where the launch never came to one of that number. */
  readonly at?: string | undefined
  /** What the VMM printed. */
  readonly stdout: string
  /** As the shell has it: 128 and the signal where one ended it; undefined where it did not end in half a minute. */
  readonly exitCode?: number | undefined
  /** Whether the supervisor, or the one that followed, served on. */
  readonly served: boolean
  /** Threads that were left stopped and zombies, a line each. */
  readonly left: string
  /** A thread was traced after its guest had run. */
  readonly traced: boolean
}

/** What a launch may come to, as docs/faults.md says it. */
export const GOOD_OUTCOMES = {
  levelled: 'the guest ran, and read what was planned.',
  'ended by the fault': 'the VMM ended, or became another program, as the fault had it.',
  'ended with its supervisor':
    'the VMM was killed with the supervisor, which held a thread of it; no VM of it had run. Launch it again (`lost-supervisor`).',
  'killed by its supervisor':
    'a thread of the VMM did not stop in time; no VM of it had run. Launch it again (`vmm-frozen`).',
  'KVM_CREATE_VM fails': 'the call failed, with this errno, and the VMM ended by itself: no VM was made.',
  'KVM_ARM_VCPU_INIT fails': 'the call failed, with this errno, and the VMM ended by itself: no VM ran.',
} as const

/** What no launch may come to: a fault of ours. */
export const BAD_OUTCOMES = {
  hang: 'the VMM neither ran its guest nor ended.',
  'no supervisor': 'what happened to one VMM has ended what serves the others.',
  leak: 'a thread was left stopped, or a zombie.',
  'still traced': 'a thread was traced after its guest had run.',
  UNMASKED: 'the guest read what the plan hides.',
  disturbed:
    'something else of the VMM failed, or it ended by a signal that nobody sent, or after its guest had run.',
  'not reached': 'no launch came to this call; nothing was tried.',
} as const

const RNDR = 0xf000_0000_0000_0000n
const KILLED = 128 + 9

/** What was amiss with the launch as such, whatever its VMM came to. */
const amiss = ({ exitCode, served, left, traced }: SeenCell): keyof typeof BAD_OUTCOMES | undefined => {
  if (exitCode === undefined) return 'hang'
  if (!served) return 'no supervisor'
  if (left !== '') return 'leak'
  return traced ? 'still traced' : undefined
}

const isUnmasked = (stdout: string): boolean =>
  printedVcpus(stdout)
    .filter(({ init }) => init === 0)
    .some(({ registers }) => {
      const [shown = RNDR, read = RNDR] = registers['ID_AA64ISAR0_EL1'] ?? []
      return ((shown | read) & RNDR) !== 0n
    })

/** How a VMM ended whose guest had run. */
const afterRun = ({ fault, exitCode }: SeenCell): string => {
  const byFault = fault === 'kill-vmm' && exitCode === KILLED
  return exitCode === 0 || byFault ? 'levelled' : `disturbed: ended with ${exitCode ?? NaN} after it had run`
}

const KILLERS: Partial<Record<Cell['fault'], string>> = {
  'kill-vmm': 'ended by the fault',
  'kill-supervisor': 'ended with its supervisor',
}

const FAILED = /^\{"failed":"([^"]*)","errno":(\d+)\}$/m

/** The call that failed a VMM, as it says itself; undefined where none did. */
const failure = (stdout: string): string | undefined => {
  const [init] = printedVcpus(stdout)
  if (init !== undefined) return `KVM_ARM_VCPU_INIT fails: ${errnoName(-init.init)}`
  const [, call, errno] = FAILED.exec(stdout) ?? []
  if (call === undefined) return undefined
  const failed = `${call} fails: ${errnoName(Number(errno))}`
  return call === 'KVM_CREATE_VM' ? failed : `disturbed: ${failed}`
}

/** How a VMM ended whose guest did not run. */
const withoutRun = ({ fault, exitCode = NaN, stdout }: SeenCell): string => {
  if (exitCode === KILLED) return KILLERS[fault] ?? 'killed by its supervisor'
  const ends = exitCode === 0 && (fault === 'exit-vmm' || fault === 'exec-vmm')
  return failure(stdout) ?? (ends ? 'ended by the fault' : `disturbed: ended with ${exitCode}`)
}

/** What a launch came to; `expected`: the call at which its fault was to happen. */
export const outcomeOf = (seen: SeenCell, expected: string): string => {
  const wrong = amiss(seen)
  if (isUnmasked(seen.stdout)) return 'UNMASKED'
  if (wrong !== undefined) return wrong
  if (seen.at !== expected) return 'not reached'
  return printedVcpus(seen.stdout).some(({ init }) => init === 0) ? afterRun(seen) : withoutRun(seen)
}

/** Whether an outcome is one that no launch may have. */
export const isFaulty = (outcome: string): boolean =>
  Object.keys(BAD_OUTCOMES).some((bad) => outcome === bad || outcome.startsWith(`${bad}: `))
