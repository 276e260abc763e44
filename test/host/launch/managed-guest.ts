import assert from 'node:assert/strict'
import type { HostAccess } from '../../harness/host-access.ts'
import type { HostProcess } from '../../harness/host-process.ts'

/** A guest that counts seconds, in a QEMU whose standard input and output are its QMP monitor. */
export type ManagedGuest = {
  readonly qemu: HostProcess
  /** Sends one command and waits for the answer; throws where there is none in a minute. */
  readonly tell: (command: string, commandArguments?: Readonly<Record<string, unknown>>) => Promise<string>
  /** What the guest has printed, once it has said for the `count`th time what CPU it sees. */
  readonly booted: (count: number) => Promise<string>
  /** Waits until the guest counts on from what it has printed. */
  readonly goesOn: () => Promise<void>
}

/** Memory, initrd and what is told to the guest, of one that stays; or of one that has its own kernel in its initrd, and executes it. */
const guestOptions = async (host: HostAccess, folder: string, kexec: boolean): Promise<string[]> => {
  const initrd = kexec ? `${folder}/initrd` : '/opt/guest/initrd.gz'
  if (kexec)
    await host.run([
      'sh',
      '-c',
      `cd /opt/guest; (printf 'vmlinuz\\ninitrd.gz\\n' | cpio -o -H newc; cat initrd.gz) > ${initrd}`,
    ])
  const line = `console=ttyAMA0 quiet ${kexec ? 'kexec' : 'stay'}`
  return ['-m', kexec ? '512' : '128', '-initrd', initrd, '-append', line]
}

type GuestRequest = {
  readonly plan: string
  /** A new one in the host. */
  readonly folder: string
  /** For snapshots. */
  readonly disk?: string
  /** It waits for a migration and does not boot. */
  readonly incoming?: boolean
  /** Once it has said what CPU it sees it executes its kernel anew, without a reset. */
  readonly kexec?: boolean
  /** What launches it. Default: `cpufeatures run`. */
  readonly run?: readonly string[]
}

/** Starts a guest under a plan. */
export const startManagedGuest = async (
  host: HostAccess,
  { plan, folder, disk, incoming = false, kexec = false, run = ['cpufeatures', 'run'] }: GuestRequest,
): Promise<ManagedGuest> => {
  await host.run(['mkdir', '-p', folder])
  const serial = `${folder}/serial`
  const qemu = host.spawn([
    ...[...run, '--plan', plan, '--record', `${folder}/record.json`, '--', 'qemu-system-aarch64'],
    ...['-M', 'virt,gic-version=3', '-accel', 'kvm', '-cpu', 'host', '-smp', '2'],
    ...['-display', 'none', '-monitor', 'none', '-nic', 'none', '-serial', `file:${serial}`, '-qmp', 'stdio'],
    ...(disk === undefined
      ? []
      : ['-drive', `if=none,id=disk,format=qcow2,file=${disk}`, '-device', 'virtio-blk-pci,drive=disk']),
    ...(incoming ? ['-incoming', 'defer'] : []),
    ...['-kernel', '/opt/guest/vmlinuz', ...(await guestOptions(host, folder, kexec))],
  ])
  const printed = async (script: string): Promise<string> => {
    const ended = qemu.exited.then(({ exitCode }) => {
      throw new Error(`QEMU ended first, with ${exitCode}`)
    })
    try {
      return (await Promise.race([host.run(['sh', '-c', script, 'sh', serial]), ended])).stdout
    } catch (cause) {
      const { stdout } = await host.run(['cat', serial])
      throw new Error(`the guest printed:\n${stdout}\nQEMU:\n${qemu.stdout()}\n${qemu.stderr()}`, { cause })
    }
  }
  let id = 0
  const tell: ManagedGuest['tell'] = async (command, commandArguments = {}) => {
    id++
    qemu.write(`${JSON.stringify({ execute: command, arguments: commandArguments, id })}\n`)
    const [answer] = await qemu.waitForOutput(new RegExp(`^.*"id": ${id}\\b.*$`, 'm'))
    if (answer.includes('"error"')) throw new Error(answer)
    return answer
  }
  await qemu.waitForOutput(/"QMP"/)
  await tell('qmp_capabilities')
  return {
    qemu,
    tell,
    booted: (count) =>
      printed(`until [ "$(grep -c GUEST-END "$1")" -ge ${count} ]; do sleep 0.2; done; cat "$1"`),
    goesOn: async () => {
      await printed('lines=$(wc -l < "$1"); until [ "$(wc -l < "$1")" -gt $((lines+1)) ]; do sleep 0.2; done')
    },
  }
}

/** That the guest has booted so often, and has each time said the same of its CPU: what `LEVELLED_PLAN` says. */
export const assertBootsShowPlan = (printed: string, boots: number): void => {
  const seen = [...printed.matchAll(/^REG MIDR_EL1 (\S+)$/gm)].map(([, value]) => value)
  assert.ok(seen.length >= boots, printed)
  for (const value of seen) assert.equal(value, '0x00000000413fd0c1')
  const features = [...printed.matchAll(/^Features\s*: (.*)$/gm)].flatMap(([, line = '']) => line.split(' '))
  assert.ok(features.includes('fp'))
  for (const hidden of ['sve', 'paca', 'pacg', 'rng']) assert.ok(!features.includes(hidden), hidden)
}
