import type { HostRequest } from '../harness/emulated-host.ts'

const KERNELS = ['6.12', '6.18', '7'] as const
const MODELS = ['neoverse-n1', 'neoverse-v1', 'neoverse-n2', 'max'] as const

/** Further CPUs that differ in kind: no 32-bit EL0, no LSE, another maker, memory tagging. */
const FURTHER: readonly HostRequest[] = [
  { name: 'cortex-a57', cpuModel: 'cortex-a57', kernel: '7' },
  { name: 'cortex-a72', cpuModel: 'cortex-a72', kernel: '6.18' },
  { name: 'cortex-a76', cpuModel: 'cortex-a76', kernel: '6.12' },
  { name: 'cortex-a710', cpuModel: 'cortex-a710', kernel: '7' },
  { name: 'a64fx', cpuModel: 'a64fx', kernel: '6.18' },
]

/** The hosts of the differential tests; those whose name holds `pattern`. */
export const differentialHosts = (pattern = ''): HostRequest[] =>
  [
    ...MODELS.flatMap((cpuModel) =>
      KERNELS.map((kernel) => ({ name: `${cpuModel}-${kernel}`, cpuModel, kernel })),
    ),
    ...FURTHER.map((host) => ({ ...host, name: `${host.name}-${host.kernel}` })),
  ].filter(({ name }) => name.includes(pattern))
