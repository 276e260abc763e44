import type { HostRequest } from '../harness/emulated-host.ts'

const KERNELS = ['6.12', '6.18', '7'] as const
const MODELS = ['neoverse-n1', 'neoverse-v1', 'neoverse-n2', 'max'] as const

const NESTED = { machineOptions: ['mte=on'], kernelArguments: ['kvm-arm.mode=nested'] }

/** Further CPUs that differ in kind: no 32-bit EL0, 32-bit EL1, no LSE, another maker, no SVE, memory tagging and EL2 in guests. */
const FURTHER: readonly HostRequest[] = [
  { name: 'cortex-a53', cpuModel: 'cortex-a53', kernel: '6.12' },
  { name: 'cortex-a55', cpuModel: 'cortex-a55', kernel: '6.18' },
  { name: 'cortex-a57', cpuModel: 'cortex-a57', kernel: '7' },
  { name: 'cortex-a72', cpuModel: 'cortex-a72', kernel: '6.18' },
  { name: 'cortex-a76', cpuModel: 'cortex-a76', kernel: '6.12' },
  { name: 'cortex-a710', cpuModel: 'cortex-a710', kernel: '7' },
  { name: 'a64fx', cpuModel: 'a64fx', kernel: '6.18' },
  { name: 'max-bare', cpuModel: 'max', kernel: '7', cpuOptions: ['sve=off', 'pauth=off', 'lpa2=off'] },
  { name: 'max-mte-nested', cpuModel: 'max', kernel: '6.18', ...NESTED },
  { name: 'max-mte-nested', cpuModel: 'max', kernel: '7', ...NESTED },
]

/** The hosts of the differential tests; those whose name holds `pattern`. */
export const differentialHosts = (pattern = ''): HostRequest[] =>
  [
    ...MODELS.flatMap((cpuModel) =>
      KERNELS.map((kernel) => ({ name: `${cpuModel}-${kernel}`, cpuModel, kernel })),
    ),
    ...FURTHER.map((host) => ({ ...host, name: `${host.name}-${host.kernel}` })),
  ].filter(({ name }) => name.includes(pattern))
