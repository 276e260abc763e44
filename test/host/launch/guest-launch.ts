import * as z from 'zod'
import type { HostAccess } from '../../harness/host-access.ts'
import { launchesEnded } from '../../harness/launches-ended.ts'

/** What QEMU of any version is told: a guest that says what CPU it sees and powers off. */
export const GUEST_ARGUMENTS: readonly string[] = [
  ...['-M', 'virt,gic-version=3', '-accel', 'kvm', '-cpu', 'host', '-smp', '2', '-m', '128'],
  ...['-display', 'none', '-monitor', 'none', '-nic', 'none', '-serial', 'stdio', '-no-reboot'],
  ...['-kernel', '/opt/guest/vmlinuz', '-initrd', '/opt/guest/initrd.gz', '-append', 'console=ttyAMA0 quiet'],
]

/** The host's own stock QEMU with that guest. */
export const GUEST_COMMAND: readonly string[] = ['qemu-system-aarch64', ...GUEST_ARGUMENTS]

/** What of a launch record the tests look at. */
const launchRecord = z.object({
  outcome: z.string(),
  vcpus: z.number(),
  registers: z.array(z.object({ register: z.string(), wanted: z.string(), kept: z.string() })),
  refused: z.array(
    z.object({ reason: z.string(), register: z.string().optional(), field: z.string().optional() }),
  ),
  calls: z.array(z.object({ call: z.string(), answer: z.string() })),
  steps: z.array(z.object({ step: z.string(), count: z.number(), microseconds: z.number() })),
  verification: z.object({ different: z.array(z.unknown()) }).optional(),
})

/** What a launch came to: the guest's cpuinfo features and registers, QEMU's exit code and stderr, and the record. */
export type GuestLaunch = {
  readonly exitCode: number
  readonly stderr: string
  readonly features: readonly string[]
  readonly registers: ReadonlyMap<string, bigint>
  /** The SVE vector length that its programs get; undefined without SVE. */
  readonly sveBits: number | undefined
  readonly record: z.infer<typeof launchRecord>
}

/** Launches the guest under a plan, to its end. A guest takes some seconds there, on a busy machine a minute. */
export const launchGuest = async (
  host: HostAccess,
  plan: string,
  command: readonly string[] = GUEST_COMMAND,
): Promise<GuestLaunch> => {
  const recordFile = `${plan}.record.json`
  const result = await host.run([
    'cpufeatures',
    'run',
    '--plan',
    plan,
    '--record',
    recordFile,
    '--',
    ...command,
  ])
  await launchesEnded(host)
  const { stdout: record } = await host.run(['cat', recordFile])
  const sveBits = /^SVE-BITS (\d+)/m.exec(result.stdout)?.[1]
  return {
    exitCode: result.exitCode,
    stderr: result.stderr,
    features: (/^Features\s*: (.*)$/m.exec(result.stdout)?.[1] ?? '').trim().split(/\s+/),
    registers: new Map(
      [...result.stdout.matchAll(/^REG (\w+) (0x[0-9a-f]+)/gm)].map(([, name = '', value = '0']) => [
        name,
        BigInt(value),
      ]),
    ),
    sveBits: sveBits === undefined ? undefined : Number(sveBits),
    record: launchRecord.parse(JSON.parse(record)),
  }
}
