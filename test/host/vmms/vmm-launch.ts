import assert from 'node:assert/strict'
import * as z from 'zod'
import type { HostAccess } from '../../harness/host-access.ts'

const hex = z.string().transform(BigInt)

const vcpuLine = z.object({
  vm: z.number(),
  vcpu: z.number(),
  init: z.number(),
  registers: z.record(z.string(), z.tuple([hex, hex])).default({}),
  registerList: z.array(hex).optional(),
})

/** A vCPU of the small VMM: its INIT's result, and registers as KVM shows them to the VMM and as the guest read them. */
export type VmmVcpu = {
  readonly vm: number
  readonly vcpu: number
  readonly init: number
  readonly registers: Readonly<Record<string, readonly [shown: bigint, read: bigint]>>
  readonly registerList?: readonly bigint[] | undefined
}

/** What a launch of the small VMM came to. */
export type VmmLaunch = {
  readonly exitCode: number
  readonly stderr: string
  readonly stdout: string
  readonly vcpus: readonly VmmVcpu[]
}

/** The small VMM's vCPUs, from what it printed. */
export const printedVcpus = (stdout: string): VmmVcpu[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{"vm"'))
    .map((line) => vcpuLine.parse(JSON.parse(line)))

const RNDR = 0xf000_0000_0000_0000n

/** That a vCPU shows `levelledPlan`, to its VMM and to its guest. */
export const assertShowsPlan = ({ registers }: VmmVcpu, message: string): void => {
  assert.deepEqual(registers['MIDR_EL1'], [0x413fd0c1n, 0x413fd0c1n], message)
  const [shown = RNDR, read = RNDR] = registers['ID_AA64ISAR0_EL1'] ?? []
  assert.equal((shown | read) & RNDR, 0n, message)
}

/** That the VMM ended well with so many vCPUs, each of which was INITed and shows `levelledPlan`. */
export const assertAllLevelled = (
  { exitCode, stdout, vcpus }: Pick<VmmLaunch, 'exitCode' | 'stdout' | 'vcpus'>,
  count = vcpus.length,
): void => {
  assert.equal(exitCode, 0, stdout)
  assert.equal(vcpus.length, count, stdout)
  for (const vcpu of vcpus) {
    assert.equal(vcpu.init, 0, stdout)
    assertShowsPlan(vcpu, stdout)
  }
}

/** Launches the small VMM (test/fixtures/vmm) under a plan, to its end. */
export const launchVmm = async (
  host: HostAccess,
  plan: string,
  options: readonly string[],
): Promise<VmmLaunch> => {
  const { stdout, stderr, exitCode } = await host.run([
    'cpufeatures',
    'run',
    '--plan',
    plan,
    '--record',
    `${plan}.record.json`,
    '--',
    '/opt/vmm/vmm',
    ...options,
  ])
  return { exitCode, stdout, stderr, vcpus: printedVcpus(stdout) }
}
