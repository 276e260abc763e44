import * as kvm from '../../src/linux/abi/kvm.ts'
import { KVM_CAPABILITIES } from '../../src/linux/abi/kvm-numbers.generated.ts'
import {
  SECCOMP_IOCTL_NOTIF_ADDFD,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
} from '../../src/linux/abi/seccomp.ts'
import { AARCH64_SYSCALLS } from '../../src/linux/abi/aarch64-syscalls.ts'

/** A system call that a supervisor makes in a launch: its number among those that count, and for people what it serves and does. */
export type Step = {
  readonly number: number
  /** The call as `fault` prints it. */
  readonly call: string
  /** The VMM's call that is being served. */
  readonly serves: string
  readonly does: string
}

const RECEIVE = `ioctl 0x${SECCOMP_IOCTL_NOTIF_RECV.toString(16)}`
// include/uapi/linux/ptrace.h.
const SEIZE = 'ptrace 0x4206'
const DETACH = 'ptrace 0x11'

const WORDS: ReadonlyMap<string, string> = new Map([
  [RECEIVE, 'receives a notified call (NOTIF_RECV)'],
  [`ioctl 0x${SECCOMP_IOCTL_NOTIF_SEND.toString(16)}`, 'answers the call (NOTIF_SEND)'],
  [
    `ioctl 0x${SECCOMP_IOCTL_NOTIF_ID_VALID.toString(16)}`,
    'checks that the call still waits (NOTIF_ID_VALID)',
  ],
  [
    `ioctl 0x${SECCOMP_IOCTL_NOTIF_ADDFD.toString(16)}`,
    'gives the VMM a file descriptor of the listener (NOTIF_ADDFD)',
  ],
  ['ptrace 0x4', "writes code into the VMM's memory (POKETEXT)"],
  ['ptrace 0x5', "writes code into the VMM's memory (POKEDATA)"],
  ['ptrace 0x7', 'lets the thread run (CONT)'],
  ['ptrace 0x9', 'lets the thread make one call (SINGLESTEP)'],
  [DETACH, 'releases the thread (DETACH)'],
  ['ptrace 0x18', 'lets the thread run until its next call or return (SYSCALL)'],
  ['ptrace 0x4202', 'reads why the thread stopped (GETSIGINFO)'],
  ['ptrace 0x4204', "reads the thread's registers (GETREGSET)"],
  ['ptrace 0x4205', "sets the thread's registers (SETREGSET)"],
  [SEIZE, 'attaches to the thread (SEIZE)'],
  ['ptrace 0x4207', 'stops the thread (INTERRUPT)'],
  ['ptrace 0x4208', 'leaves the thread stopped (LISTEN)'],
  ['ptrace 0x420a', "reads the thread's signal mask (GETSIGMASK)"],
  ['ptrace 0x420b', "sets the thread's signal mask (SETSIGMASK)"],
  ['wait', 'waits until the thread stops'],
  ['pwrite64 state', 'saves what the next supervisor needs (pwrite64)'],
  ['pwritev state', 'saves what the next supervisor needs (pwritev)'],
  ['process_vm_readv', "reads the VMM's memory"],
  ['process_vm_writev', "writes the VMM's memory"],
])

const REQUESTS = new Map(
  Object.entries(kvm).flatMap(([name, value]): (readonly [number, string])[] =>
    // Among what the module has, the requests are the numbers of KVM's own ioctl type.
    typeof value === 'number' && ((value >>> 8) & 0xff) === 0xae ? [[value, name]] : [],
  ),
)
const CALLS: ReadonlyMap<number, string> = new Map(
  Object.entries(AARCH64_SYSCALLS).map(([name, number]) => [number, name]),
)

/** A system call of the VMM by number and second argument. */
const vmmCall = (number: number, request: number): string =>
  number === AARCH64_SYSCALLS.ioctl
    ? (REQUESTS.get(request) ?? `ioctl 0x${request.toString(16)}`)
    : (CALLS.get(number) ?? `call ${number}`)

/** To what end registers are set: "call 29 0xae01", "return" or "code". */
const purposeOf = (purpose: string): string => {
  const [kind = '', number = '', request = ''] = purpose.split(' ')
  if (kind === 'call') return ` for ${vmmCall(Number(number), Number(request))}`
  return { return: ' to return from the call', code: ' to run the code' }[kind] ?? ''
}

const wordsOf = (call: string): string => {
  const [name = '', request = '', ...purpose] = call.split(' ')
  const words = WORDS.get(`${name} ${request}`) ?? WORDS.get(name) ?? `${name} ${request}`
  return `${words.replace(/ \(.*\)$/, '')}${purposeOf(purpose.join(' '))}${/ \(.*\)$/.exec(words)?.[0] ?? ''}`
}

/** The request of a call that was received; KVM_CHECK_EXTENSION with the capability. */
const servedCall = (received: string): string => {
  const [number = '', request = '', argument = ''] = received.split(' ')
  const name = vmmCall(Number(number), Number(request))
  const capability = Object.entries(KVM_CAPABILITIES).find(([, value]) => value === Number(argument))?.[0]
  return name === 'KVM_CHECK_EXTENSION' ? `${name} ${capability ?? argument}` : name
}

/** What of a printed call is the same in every launch: no pid, no address. */
export const callOf = (line: string): string => {
  const [name = ''] = line.split(' ')
  return SAYS_WHICH.has(name) ? line : name
}

/** Calls whose arguments, as printed, say which call it is. */
const SAYS_WHICH = new Set(['ioctl', 'ptrace', 'pwrite64', 'pwritev', 'kill', 'tkill', 'tgkill'])

/**
 * The steps of a launch from what `fault follow` printed. A call that was received while no thread is held begins another group: those
 * received in between are calls that were injected.
 */
export const launchSteps = (printed: string): Step[] => {
  const lines = printed.split('\n').filter((line) => /^(STEP|GOT) /.test(line))
  const steps: Step[] = []
  let serves = ''
  let held = false
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('GOT ')) continue
    const call = callOf(line.slice('STEP '.length))
    const next = lines[index + 1] ?? ''
    if (call === RECEIVE && !held && next.startsWith('GOT ')) serves = servedCall(next.slice('GOT '.length))
    if (call === SEIZE) held = true
    if (call === DETACH) held = false
    steps.push({ number: steps.length + 1, call, serves, does: wordsOf(call) })
  }
  return steps
}
