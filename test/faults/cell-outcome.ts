import { errnoName } from '../../src/linux/errno.ts'
import { printedVcpus } from '../host/vmms/vmm-launch.ts'
import type { Cell } from './fault.ts'

/** What the test saw of a launch with a fault. */
export type SeenCell = Cell & {
  /** The call before which the fault happened, as {@link Step.call}; undefined if the launch never reached a call of that number. */
  readonly at?: string | undefined
  /** What the VMM printed. */
  readonly stdout: string
  /** As a shell reports it: 128 plus the number of the signal that ended it; undefined if the VMM did not end within 200 s. */
  readonly exitCode?: number | undefined
  /** Whether the supervisor or its successor still serves. */
  readonly served: boolean
  /** Stopped threads and zombies that were left behind, one per line. */
  readonly left: string
  /** A thread was traced after its guest had run. */
  readonly traced: boolean
}

/** Outcomes that a launch may have, in the words of docs/faults.md. */
export const GOOD_OUTCOMES = {
  levelled: 'the guest ran and read what the plan specifies.',
  'ended by the fault': 'the VMM ended or became another program, because this is what the fault does.',
  'ended with its supervisor':
    'the VMM died together with the supervisor, which held a thread of the VMM. No VM of this VMM had run. You can ' +
    'launch the VMM again. The launch record has the outcome `lost-supervisor`.',
  refused:
    'the first vCPU ran and read what the plan specifies. KVM_ARM_VCPU_INIT of the second one failed, because the supervisor refuses it ' +
    'or cannot trace the VMM. The launch record says why.',
  'killed by its supervisor':
    'the supervisor killed the VMM, because a thread of the VMM did not stop in time. No VM of this VMM had run. ' +
    'You can launch the VMM again. The launch record has the outcome `vmm-frozen`.',
  'KVM_CREATE_VM fails':
    'KVM_CREATE_VM failed with the errno that the table shows, and the VMM ended by itself without a VM.',
  'KVM_ARM_VCPU_INIT fails':
    'KVM_ARM_VCPU_INIT failed with the errno that the table shows, and the VMM ended by itself before a VM ran.',
} as const

/** Outcomes that no launch may have: each is a defect of ours. */
export const BAD_OUTCOMES = {
  hang: 'the VMM neither ran its guest nor ended.',
  'no supervisor': 'the fault in one launch left the other launches without a supervisor.',
  leak: 'the launch left a stopped thread or a zombie behind.',
  'still traced': 'a thread was still traced after its guest had run.',
  UNMASKED: 'the guest read what the plan hides.',
  disturbed:
    'something else failed in the VMM, a signal that nobody sent ended the VMM, or the VMM failed after its guest had run.',
  'not reached': 'the launch made fewer system calls than expected, so the fault did not happen.',
} as const

const RNDR = 0xf000_0000_0000_0000n
const KILLED = 128 + 9

/** What was wrong with the launch itself, however its VMM ended. */
export const amiss = ({
  exitCode,
  served,
  left,
  traced,
}: SeenCell): keyof typeof BAD_OUTCOMES | undefined => {
  if (exitCode === undefined) return 'hang'
  if (!served) return 'no supervisor'
  if (left !== '') return 'leak'
  return traced ? 'still traced' : undefined
}

/** Whether a vCPU shows what the plan hides. */
export const isUnmasked = (stdout: string): boolean =>
  printedVcpus(stdout)
    .filter(({ init }) => init === 0)
    .some(({ registers }) => {
      const [shown = RNDR, read = RNDR] = registers['ID_AA64ISAR0_EL1'] ?? []
      return ((shown | read) & RNDR) !== 0n
    })

/** The outcome of a VMM whose guest had run. */
const afterRun = ({ fault, exitCode }: SeenCell): string => {
  const byFault = fault === 'kill-vmm' && exitCode === KILLED
  return exitCode === 0 || byFault ? 'levelled' : `disturbed: ended with ${exitCode ?? NaN} after it had run`
}

const KILLERS: Partial<Record<Cell['fault'], string>> = {
  'kill-vmm': 'ended by the fault',
  'kill-supervisor': 'ended with its supervisor',
}

const FAILED = /^\{"failed":"([^"]*)","errno":(\d+)\}$/m

/** The call that failed in a VMM, as the VMM reports it; undefined if none did. */
const failure = (stdout: string): string | undefined => {
  const [init] = printedVcpus(stdout)
  if (init !== undefined) return `KVM_ARM_VCPU_INIT fails: ${errnoName(-init.init)}`
  const [, call, errno] = FAILED.exec(stdout) ?? []
  if (call === undefined) return undefined
  const failed = `${call} fails: ${errnoName(Number(errno))}`
  return call === 'KVM_CREATE_VM' ? failed : `disturbed: ${failed}`
}

/** The outcome of a VMM whose guest did not run. */
export const withoutRun = ({ fault, exitCode = NaN, stdout }: SeenCell): string => {
  if (exitCode === KILLED) return KILLERS[fault] ?? 'killed by its supervisor'
  const ends = exitCode === 0 && (fault === 'exit-vmm' || fault === 'exec-vmm')
  return failure(stdout) ?? (ends ? 'ended by the fault' : `disturbed: ended with ${exitCode}`)
}

/** The outcome of a launch; `expected` is the call before which its fault should have happened. */
export const outcomeOf = (seen: SeenCell, expected: string): string => {
  const wrong = amiss(seen)
  if (isUnmasked(seen.stdout)) return 'UNMASKED'
  if (wrong !== undefined) return wrong
  if (seen.at !== expected) return 'not reached'
  return printedVcpus(seen.stdout).some(({ init }) => init === 0) ? afterRun(seen) : withoutRun(seen)
}

/** Whether no launch may have this outcome. */
export const isFaulty = (outcome: string): boolean =>
  Object.keys(BAD_OUTCOMES).some((bad) => outcome === bad || outcome.startsWith(`${bad}: `))
