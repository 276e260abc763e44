import type { HostAccess } from '../harness/host-access.ts'
import { parseGuestReport, type GuestReport } from './guest-report.ts'

/** A stock VMM, nothing but `-cpu host`: what a user of QEMU types. */
export const STOCK_QEMU = [
  ...[
    'qemu-system-aarch64',
    '-M',
    'virt,gic-version=3',
    '-accel',
    'kvm',
    '-cpu',
    'host',
    '-smp',
    '1',
    '-m',
    '128',
  ],
  ...['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-nic', 'none', '-no-reboot'],
  ...['-kernel', '/opt/guest/vmlinuz', '-initrd', '/opt/guest/initrd.gz', '-append', 'console=ttyAMA0 quiet'],
]

export type Launched = {
  guest: GuestReport
  stdout: string
  stderr: string
  exitCode: number
}

/** Launches the lab's guest on a host and waits for its report; `prefix` is what stands before the VMM's command. */
export const launchVm = async (host: HostAccess, prefix: readonly string[] = []): Promise<Launched> => {
  const result = await host.run([...prefix, ...STOCK_QEMU])
  return { ...result, guest: parseGuestReport(`${result.stdout}\n${result.stderr}`) }
}

/** `cpufeatures run` with a profile of the cluster; its record goes to `recordFile` on the host. */
export const underProfile = (profile: string, nodeName: string, recordFile: string): string[] => [
  ...['cpufeatures', 'run', '--profile', profile, '--node-name', nodeName],
  ...['--kubeconfig', '/etc/cpufeatures/kubeconfig', '--record', recordFile, '--'],
]
