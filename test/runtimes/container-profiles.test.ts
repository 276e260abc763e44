import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { WIDEST_IOCTLS } from '../../src/launch/decide/widest-ioctls.ts'
import { AARCH64_SYSCALLS, AUDIT_ARCH_AARCH64 } from '../../src/linux/abi/aarch64-syscalls.ts'
import type { BpfInstruction } from '../../src/linux/abi/bpf.ts'
import { ioctlRequest } from '../../src/linux/abi/ioctl-request.ts'
import * as kvm from '../../src/linux/abi/kvm.ts'
import * as seccomp from '../../src/linux/abi/seccomp.ts'
import { notifyingFilter, UNFILTERED } from '../../src/node-agent/seccomp/notifying-filter.ts'
import type { OciSeccomp } from '../../src/node-agent/seccomp/oci-seccomp.ts'
import { seccompBases } from '../fixtures/seccomp-bases/seccomp-bases.ts'
import { ContainerRuntimes, RUNTIMES, type Runtime } from '../harness/container-runtime.ts'
import { executeBpf } from '../harness/execute-bpf.ts'

/** The most instructions that the kernel takes: BPF_MAXINSNS, include/uapi/linux/bpf_common.h. */
const MOST_INSTRUCTIONS = 4096

/** 32-bit programs of an arm64 kernel, whose ioctl has another number: arch/arm/tools/syscall.tbl. */
const ARM = { arch: 0x4000_0028, ioctl: 54 }
const AARCH64 = { arch: AUDIT_ARCH_AARCH64, ioctl: AARCH64_SYSCALLS.ioctl }
const X86_64 = { arch: 0xc000_003e, ioctl: 16 }

const SIGN = 0xffff_ffff_0000_0000n
const GARBAGE = 0x1234_5678_0000_0000n

/** What becomes of an ioctl, by the errno that a container sees: /dev/null knows none, and the listener answers with EUCLEAN. */
const OUTCOMES = { allowed: '25', notified: '117', refused: '1' } as const
type Outcome = keyof typeof OUTCOMES

const RESULTS: Readonly<Record<Outcome, number>> = {
  allowed: seccomp.SECCOMP_RET_ALLOW,
  notified: seccomp.SECCOMP_RET_USER_NOTIF,
  refused: seccomp.SECCOMP_RET_ERRNO + 1,
}

type Call = readonly [request: bigint, argument: bigint]

const low = (value: bigint): number => Number(BigInt.asUintN(32, value))

/** What the profile is for, told by other means than its rules. */
const wanted = ([request, argument]: Call): Outcome => {
  const word = low(request)
  const [type, number] = [(word >>> 8) & 0xff, word & 0xff]
  if (type === 0x21 && number < 0x20) return 'refused'
  if (WIDEST_IOCTLS.requests.includes(word)) return 'notified'
  const isHideable = WIDEST_IOCTLS.capabilities.some((capability) => BigInt(capability) === argument)
  return word === kvm.KVM_CHECK_EXTENSION && isHideable ? 'notified' : 'allowed'
}

const { KVM_CHECK_EXTENSION, KVM_RUN } = kvm
const TCGETS = 0x5401
/** With another size than today's, as a later kernel may have it; the kernel takes any. */
const LARGER_ADDFD = ioctlRequest('readwrite', 0x21, 3, 32)
const REQUESTS: readonly number[] = [
  ...Object.values(kvm).filter((value) => typeof value === 'number' && value >= 0xae00),
  ...[seccomp.SECCOMP_IOCTL_NOTIF_RECV, seccomp.SECCOMP_IOCTL_NOTIF_SEND, seccomp.SECCOMP_IOCTL_NOTIF_ADDFD],
  ...[seccomp.SECCOMP_IOCTL_NOTIF_ID_VALID, LARGER_ADDFD],
  ...[TCGETS, 0, 0xffff_ffff],
].filter((value) => typeof value === 'number')

const OTHER_CAPABILITIES = [0n, 1n, 92n, 127n, 255n, 256n, 0xffff_ffffn, 2n ** 64n - 1n]
const CAPABILITIES = WIDEST_IOCTLS.capabilities.map(BigInt)

/** Calls for a real container: each request as it is and with a sign, each capability as it is and with a bit more. */
const CALLS: readonly Call[] = [
  ...REQUESTS.filter((request) => request !== KVM_CHECK_EXTENSION).flatMap((request): Call[] => [
    [BigInt(request), 170n],
    [BigInt(request) + SIGN, 0n],
  ]),
  ...[0n, SIGN].flatMap((high) =>
    [...CAPABILITIES, ...OTHER_CAPABILITIES, ...CAPABILITIES.map((one) => one + 2n ** 32n)].map(
      (argument): Call => [BigInt(KVM_CHECK_EXTENSION) + high, argument],
    ),
  ),
]

/** Many more, for the loaded program: every request that differs from a named one in one bit. */
const manyCalls = (): Call[] => {
  const bits = Array.from({ length: 32 }, (_, index) => 1n << BigInt(index))
  const near = REQUESTS.map(BigInt).flatMap((request) => [request, ...bits.map((one) => request ^ one)])
  const arguments_ = [...Array.from({ length: 300 }, (_, index) => BigInt(index)), ...OTHER_CAPABILITIES]
  const high = CAPABILITIES.flatMap((one) =>
    Array.from({ length: 56 }, (_, bit) => one + 2n ** BigInt(bit + 8)),
  )
  return [
    ...near.map((request): Call => [request, 170n]),
    ...REQUESTS.flatMap((one): Call[] => [SIGN, GARBAGE].map((upper): Call => [BigInt(one) + upper, 170n])),
    ...[...arguments_, ...high].map((argument): Call => [BigInt(KVM_CHECK_EXTENSION), argument]),
  ]
}

/** This machine's architecture too, and what its C library needs. */
const onThisMachine = (filter: OciSeccomp): OciSeccomp => ({
  ...filter,
  syscalls: [...(filter.syscalls ?? []), { names: ['arch_prctl'], action: 'SCMP_ACT_ALLOW' }],
})

/** Numbers and arguments of other system calls, those among them that the rules of a filter compare with. */
const otherCalls = (base: OciSeccomp): { readonly nr: number; readonly args: readonly bigint[] }[] => {
  const compared = (base.syscalls ?? []).flatMap(({ args }) => args ?? [])
  const lists = [
    [],
    ...compared.flatMap(({ index, value }) =>
      [-1n, 0n, 1n].map((more) => {
        const args = [0n, 0n, 0n, 0n, 0n, 0n]
        args[index] = BigInt.asUintN(64, BigInt(value) + more)
        return args
      }),
    ),
  ]
  return Array.from({ length: 600 }, (_, nr) => lists.map((args) => ({ nr, args }))).flat()
}

const single = (filters: readonly (readonly BpfInstruction[])[]): readonly BpfInstruction[] => {
  assert.equal(filters.length, 1)
  return filters[0] ?? []
}

const hex = (value: bigint): string => `0x${value.toString(16)}`
const text = ([request, argument]: Call): string => `${hex(request)} ${hex(argument)}`

const isRoot = process.getuid?.() === 0
const runtimes = new ContainerRuntimes()

const profileOf = (base: OciSeccomp): OciSeccomp => {
  const made = notifyingFilter(base, WIDEST_IOCTLS, { path: runtimes.listenerPath, metadata: 'test' })
  assert.ok(made.kind === 'filter')
  return onThisMachine(made.filter)
}

/** Nanoseconds of an ioctl that the filter allows: the median of some runs under each filter in turn. */
const costs = async (filters: readonly OciSeccomp[], times: number): Promise<readonly number[]> => {
  const runs: number[][] = []
  for (let turn = 0; turn < 5; turn++) {
    const run: number[] = []
    for (const filter of filters)
      run.push(Number((await runtimes.run('runc', filter, ['-n', String(times), String(KVM_RUN)])).lines[0]))
    runs.push(run)
  }
  return filters.map((_, index) => runs.map((run) => run[index] ?? NaN).toSorted((a, b) => a - b)[2] ?? NaN)
}

const SETS: readonly (readonly [Runtime, string, OciSeccomp])[] = RUNTIMES.flatMap((runtime) =>
  Object.entries(seccompBases()).map(([name, base]) => [runtime, name, base] as const),
)

describe('a profile that a real runtime loads', { skip: isRoot ? false : 'needs root' }, () => {
  before(() => runtimes.build())

  for (const [runtime, name, base] of SETS)
    describe(`${name} by ${runtime}`, () => {
      let before_: readonly BpfInstruction[]
      let after_: readonly BpfInstruction[]
      let lines: readonly string[]
      before(async () => {
        before_ = single((await runtimes.run(runtime, onThisMachine(base), [])).filters)
        const ran = await runtimes.run(runtime, profileOf(base), CALLS.flat().map(hex))
        after_ = single(ran.filters)
        lines = ran.lines
      })

      it('notifies and refuses in a container exactly what it is made for', () => {
        const expected = CALLS.map((call) => `${text(call)} ${OUTCOMES[wanted(call)]}`)
        assert.deepEqual(lines, expected)
      })

      for (const [architecture, { arch, ioctl }] of Object.entries({ AARCH64, ARM, X86_64 }))
        it(`does so with every ioctl near to those, for ${architecture}`, () => {
          // libseccomp kills what calls for an architecture that a filter does not name; KubeVirt's names none but this machine's.
          const isNamed = executeBpf(before_, { arch, nr: ioctl }).result === seccomp.SECCOMP_RET_ALLOW
          const calls = isNamed ? manyCalls() : []
          const is32 = architecture === 'ARM'
          const wrong = calls
            .map(([request, argument]): Call =>
              is32 ? [BigInt(low(request)), BigInt(low(argument))] : [request, argument],
            )
            .filter(
              (call) =>
                executeBpf(after_, { arch, nr: ioctl, args: [3n, ...call] }).result !== RESULTS[wanted(call)],
            )
          assert.deepEqual(wrong.map(text), [])
        })

      it('does with every other system call what its base does', () => {
        const wrong = [AARCH64, ARM, X86_64].flatMap(({ arch, ioctl }) =>
          otherCalls(base)
            .filter(({ nr }) => nr !== ioctl)
            .filter((call) => {
              const [was, is] = [before_, after_].map(
                (program) => executeBpf(program, { arch, ...call }).result,
              )
              return was !== is
            })
            .map(({ nr, args }) => `${arch.toString(16)}: ${nr} ${args.join(' ')}`),
        )
        assert.deepEqual(wrong, [])
      })

      it('is far from too long for the kernel, and has KVM_RUN pass before other requests are looked at', (test) => {
        const { arch, ioctl } = name === 'kubevirt' ? X86_64 : AARCH64
        const steps = (program: readonly BpfInstruction[], request: number): number =>
          executeBpf(program, { arch, nr: ioctl, args: [3n, BigInt(request)] }).executed
        test.diagnostic(
          `${before_.length} instructions before, ${after_.length} after; executed for KVM_RUN: ` +
            `${steps(before_, KVM_RUN)} and ${steps(after_, KVM_RUN)}, for TCGETS ${steps(after_, TCGETS)}`,
        )
        assert.ok(after_.length < MOST_INSTRUCTIONS / 2, String(after_.length))
        // Where everything is allowed by default there is no rule for KVM_RUN, and the other rules are few.
        if (name !== 'unconfined') assert.ok(steps(after_, KVM_RUN) + 100 < steps(after_, TCGETS))
      })
    })

  it('tells what an allowed ioctl costs', async (test) => {
    for (const name of ['runtime-default', 'unconfined']) {
      const base = seccompBases()[name] ?? UNFILTERED
      const [was = NaN, is = NaN] = await costs([onThisMachine(base), profileOf(base)], 100_000)
      test.diagnostic(
        `${name}: an ioctl on /dev/null with the number of KVM_RUN takes ${(is / was).toFixed(2)} times as long ` +
          `(${was.toFixed(0)} ns and ${is.toFixed(0)} ns)`,
      )
      assert.ok(is > 0 && was > 0)
    }
  })
})
