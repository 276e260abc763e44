import type { SeenCell } from './cell-outcome.ts'

/** A line of the small VMM about vCPU 0 of a VM: the result of its INIT and, if it ran, what it shows of ID_AA64ISAR0_EL1. */
export const vcpuLine = (vm: number, init: number, isar0 = '0x11'): string =>
  JSON.stringify({
    vm,
    vcpu: 0,
    init,
    ...(init === 0 && { registers: { ID_AA64ISAR0_EL1: [isar0, isar0] } }),
  })

/** A launch whose supervisor was killed, and whose VMM ended with 0 and printed nothing, but for `seen`. */
export const seenCell = (seen: Partial<SeenCell>): SeenCell => ({
  fault: 'kill-supervisor',
  number: 1,
  at: 'ptrace 0x4207',
  stdout: '',
  exitCode: 0,
  served: true,
  left: '',
  traced: false,
  ...seen,
})
