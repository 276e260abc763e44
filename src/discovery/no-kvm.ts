import type { NoKvm } from './probe-result.ts'

const EXPLANATIONS: Readonly<Record<string, { message: string; remedy: string }>> = {
  ENOENT: {
    message: 'there is no KVM on this machine',
    remedy:
      'On a bare-metal arm64 machine see that the kernel was entered at EL2 (`dmesg | grep -i kvm`); in a VM the hypervisor must offer nested virtualization; in a container mount /dev/kvm.',
  },
  EACCES: {
    message: 'this user may not open KVM',
    remedy: 'Run as root, or add the user to the group that owns /dev/kvm (usually kvm).',
  },
  EPERM: {
    message: 'this container may not open KVM',
    remedy:
      'The device cgroup forbids it: ask for the KVM resource of a device plugin, or run the container privileged.',
  },
  ENODEV: {
    message: 'the device node is there, but no KVM is behind it',
    remedy: 'See why the kernel could not start KVM: `dmesg | grep -i kvm`.',
  },
}

const OTHER = {
  message: 'KVM could not be opened',
  remedy: 'See what the kernel says of it: `dmesg | grep -i kvm`.',
}

/** What to tell of a /dev/kvm that open(2) answered `errno` (by name) to. */
export const noKvm = (path: string, errno: string): NoKvm => {
  const { message, remedy } = EXPLANATIONS[errno === 'ENXIO' ? 'ENODEV' : errno] ?? OTHER
  return { kind: 'no-kvm', errno, message: `${path}: ${errno}: ${message}`, remedy }
}

/** What to tell on a machine that is no arm64 one; `architecture` as Node names it. */
export const otherArchitecture = (architecture: string): NoKvm => ({
  kind: 'no-kvm',
  errno: 'ENOTSUP',
  message: `this machine is ${architecture}, not arm64`,
  remedy:
    'Profiles are for arm64 hosts: run the probe there, and take its output here with `cpufeatures probe > host.json`.',
})
