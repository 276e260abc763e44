import type { HostAccess } from '../../harness/host-access.ts'

/** What a supervisor finds on a host, as far as launches could differ by it. */
export type HostCondition = {
  /** Executes its arguments so. */
  readonly under: readonly string[]
  /** Prepares the host, as root; before and after, since hosts are shared. */
  readonly begin: string
  readonly end: string
}

const USER = 'vmm:x:107:107::/tmp:/bin/sh'
/** An ordinary user who may use KVM. */
const MAY_USE_KVM = `grep -q ^vmm: /etc/passwd || echo ${USER} >> /etc/passwd; chmod 666 /dev/kvm`
// Without -- it takes a -c of what it executes for its own.
const AS_USER = ['su', '-s', '/bin/sh', '-c', 'exec "$0" "$@"', '--', 'vmm']

export const HOST_CONDITIONS = {
  'as root with debugfs': { under: [], begin: '', end: '' },
  'as root without debugfs': {
    under: ['unshare', '-m', 'sh', '-c', 'umount /sys/kernel/debug; exec "$@"', 'sh'],
    begin: '',
    end: '',
  },
  'as an ordinary user, who cannot read debugfs': { under: AS_USER, begin: MAY_USE_KVM, end: '' },
  'as an ordinary user where Yama restricts ptrace to descendants': {
    under: AS_USER,
    begin: `${MAY_USE_KVM}; sysctl -w kernel.yama.ptrace_scope=1`,
    end: 'sysctl -w kernel.yama.ptrace_scope=0',
  },
  'in a pid namespace of its own': {
    under: ['unshare', '-p', '-f', '-m', '--mount-proc'],
    begin: '',
    end: '',
  },
  // Nothing lifts it before the host ends: only for a host that no other test shares.
  'as root where the kernel is locked down': {
    under: [],
    begin:
      'mount -t securityfs securityfs /sys/kernel/security; echo integrity > /sys/kernel/security/lockdown',
    end: '',
  },
} as const satisfies Readonly<Record<string, HostCondition>>

export type HostConditionName = keyof typeof HOST_CONDITIONS

/** Does something under a condition of the host. */
export const underCondition = async <T>(
  host: HostAccess,
  name: HostConditionName,
  work: (under: readonly string[]) => Promise<T>,
): Promise<T> => {
  const { under, begin, end } = HOST_CONDITIONS[name]
  await host.run(['sh', '-c', begin])
  try {
    return await work(under)
  } finally {
    await host.run(['sh', '-c', end])
  }
}
