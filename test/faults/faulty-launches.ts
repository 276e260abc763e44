import {
  SECCOMP_IOCTL_NOTIF_ADDFD,
  SECCOMP_IOCTL_NOTIF_ID_VALID,
  SECCOMP_IOCTL_NOTIF_RECV,
  SECCOMP_IOCTL_NOTIF_SEND,
} from '../../src/linux/abi/seccomp.ts'
import type { HostAccess } from '../harness/host-access.ts'
import type { Fault, SeenCell, Step } from './fault-cell.ts'

const IOCTLS = new Map([
  [SECCOMP_IOCTL_NOTIF_RECV, 'SECCOMP_IOCTL_NOTIF_RECV'],
  [SECCOMP_IOCTL_NOTIF_SEND, 'SECCOMP_IOCTL_NOTIF_SEND'],
  [SECCOMP_IOCTL_NOTIF_ID_VALID, 'SECCOMP_IOCTL_NOTIF_ID_VALID'],
  [SECCOMP_IOCTL_NOTIF_ADDFD, 'SECCOMP_IOCTL_NOTIF_ADDFD'],
])

// include/uapi/linux/ptrace.h.
const PTRACE = new Map([
  [5, 'POKEDATA'],
  [7, 'CONT'],
  [9, 'SINGLESTEP'],
  [17, 'DETACH'],
  [24, 'SYSCALL'],
  [0x4202, 'GETSIGINFO'],
  [0x4204, 'GETREGSET'],
  [0x4205, 'SETREGSET'],
  [0x4206, 'SEIZE'],
  [0x4207, 'INTERRUPT'],
  [0x420a, 'GETSIGMASK'],
  [0x420b, 'SETSIGMASK'],
])

const callName = (call: string, request: number): string => {
  switch (call) {
    case 'ioctl':
      return `ioctl ${IOCTLS.get(request) ?? request}`
    case 'ptrace':
      return `ptrace ${PTRACE.get(request) ?? request}`
    case 'pwrite64':
      return 'pwrite64 (its memory)'
    default:
      return call
  }
}

/** Runs one launch after the other under one supervisor, each with the fault before the call of that number (0: none). */
const script = (fault: Fault, numbers: readonly number[]): string => `
supervisor() { for p in /proc/[0-9]*; do case "$(readlink $p/exe)" in */node) tr '\\0' ' ' < $p/cmdline | grep -q ' supervise $' && echo \${p#/proc/};; esac; done; }
runs() { [ -d /proc/$1 ] && [ "$(cut -d ' ' -f 3 /proc/$1/stat)" != Z ]; }
for number in ${numbers.join(' ')}; do
  echo "CELL $number"
  echo "SERVED $(supervisor)"
  rm -f /tmp/vmm.pid /tmp/fault.log
  /opt/vmm/fault $(supervisor) $number ${fault} /tmp/vmm.pid > /tmp/fault.log &
  fault=$!
  tries=0
  until grep -q ready /tmp/fault.log || [ $tries -gt 200 ]; do sleep 0.02; tries=$((tries+1)); done
  sh -c 'echo $$ > /tmp/vmm.pid; exec /opt/vmm/vmm' &
  vmm=$!
  tries=0
  while runs $vmm && [ $tries -lt 600 ]; do sleep 0.05; tries=$((tries+1)); done
  if runs $vmm; then echo HANGS; kill -9 $vmm; fi
  wait $vmm
  echo "EXIT $?"
  runs $fault && kill -9 $fault
  wait $fault
  cat /proc/[0-9]*/task/*/stat 2>/dev/null | grep -E '\\) [tT] ' | sed 's/^/LEFT /'
  [ $number = 0 ] && sed -n 's/^[0-9]/STEP &/p' /tmp/fault.log
done
true`

const cellOf = (text: string): SeenCell => {
  const [first = '', ...lines] = text.split('\n')
  const tail = (word: string): string[] =>
    lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  return {
    number: Number(first),
    stdout: lines.join('\n'),
    exitCode: Number(tail('EXIT')[0] ?? NaN),
    hangs: lines.includes('HANGS') || tail('EXIT').length === 0,
    served: (tail('SERVED')[0] ?? '') !== '',
    left: tail('LEFT').join('\n'),
  }
}

const launchAll = async (
  host: HostAccess,
  plan: string,
  { fault, numbers }: { readonly fault: Fault; readonly numbers: readonly number[] },
): Promise<string> => {
  const command = ['cpufeatures', 'run', '-q', '--plan', plan, '--', 'sh', '-c', script(fault, numbers)]
  const { stdout } = await host.run(command, { timeoutSeconds: 60 + 40 * numbers.length })
  return stdout
}

/** The calls that a supervisor makes in a launch of one VM with one vCPU. */
export const stepsOfLaunch = async (host: HostAccess, plan: string): Promise<Step[]> => {
  const stdout = await launchAll(host, plan, { fault: 'kill-vmm', numbers: [0] })
  return [...stdout.matchAll(/^STEP (\d+) (\S+) (0x[0-9a-f]+)$/gm)].map(
    ([, number, call = '', request = '']) => ({
      number: Number(number),
      call: callName(call, Number(request)),
    }),
  )
}

/** Launches with the fault before each of these calls. A supervisor that is to be killed serves one launch only. */
export async function* faultyLaunches(
  host: HostAccess,
  plan: string,
  { fault, numbers }: { readonly fault: Fault; readonly numbers: readonly number[] },
): AsyncGenerator<SeenCell> {
  const size = fault === 'kill-supervisor' ? 1 : 20
  for (let from = 0; from < numbers.length; from += size) {
    const stdout = await launchAll(host, plan, { fault, numbers: numbers.slice(from, from + size) })
    for (const text of stdout.split(/^CELL /m).slice(1)) yield cellOf(text)
  }
}
