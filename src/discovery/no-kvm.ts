import type { NoKvm } from './probe-result.ts'

const EXPLANATIONS: Readonly<Record<string, { message: string; remedy: string }>> = {
  ENOENT: {
    message: 'there is no KVM on this machine',
    remedy:
      'On a bare-metal arm64 machine, make sure that the kernel was entered at EL2 (`dmesg | grep -i kvm`). In a VM, ' +
      'the hypervisor must offer nested virtualization. In a container, mount /dev/kvm.',
  },
  EACCES: {
    message: 'this user may not open KVM',
    remedy: 'Run as root, or add the user to the group that owns /dev/kvm (usually kvm).',
  },
  EPERM: {
    message: 'this container may not open KVM',
    remedy:
      'The device cgroup forbids it. Request the KVM resource of a device plugin, or run the container privileged.',
  },
  ENODEV: {
    message: 'the device node exists, but there is no KVM behind it',
    remedy: 'Find out why the kernel could not start KVM: `dmesg | grep -i kvm`.',
  },
}

const OTHER = {
  message: 'KVM could not be opened',
  remedy: 'Find out what the kernel says: `dmesg | grep -i kvm`.',
}

/** The result for a /dev/kvm that open(2) refused with `errno` (by name). */
export const noKvm = (path: string, errno: string): NoKvm => {
  const { message, remedy } = EXPLANATIONS[errno === 'ENXIO' ? 'ENODEV' : errno] ?? OTHER
  return { kind: 'no-kvm', errno, message: `${path}: ${errno}: ${message}`, remedy }
}

/** The result for a machine that is not arm64; `architecture` has Node's name. */
export const otherArchitecture = (architecture: string): NoKvm => ({
  kind: 'no-kvm',
  errno: 'ENOTSUP',
  message: `this machine is ${architecture}, not arm64`,
  remedy: 'Profiles are for arm64 hosts. Run `cpufeatures probe > host.json` there, and copy the file here.',
})
