/** What a VMM does in a launch of the second table of docs/faults.md. */
export type LaunchShape = {
  readonly does: string
  /** Of test/fixtures/vmm/stepwise.c. */
  readonly steps: string
  /** The vCPUs that the supervisor must refuse. */
  readonly refused?: readonly string[]
  /** The vCPUs that it must level after another one has run, so that it has to stop the VMM again: it cannot if another tracer has it. */
  readonly late?: readonly string[]
}

export const LAUNCH_SHAPES = {
  'one VM': {
    does: 'makes a VM, initialises its vCPU (KVM_ARM_VCPU_INIT) and runs it.',
    steps: 'vm:A vcpu:A0 init:A0 run:A0',
  },
  'scratch and real': {
    does: 'makes its VM; makes a scratch VM, initialises the vCPU of that and closes it; and then initialises its own vCPU, as QEMU does.',
    steps: 'vm:A vm:S vcpu:S0 init:S0 close:S vcpu:A0 init:A0 run:A0',
  },
  'two VMs': {
    does: 'makes two VMs, and initialises the vCPU of the second after the first has run. The supervisor must refuse this.',
    steps: 'vm:A vm:B vcpu:A0 vcpu:B0 init:A0 run:A0 init:B0 run:B0',
    refused: ['B0'],
  },
  'late vCPU': {
    does: 'adds a vCPU after its VM has run.',
    steps: 'vm:A vcpu:A0 init:A0 run:A0 vcpu:A1 init:A1 run:A1',
    late: ['A1'],
  },
  reset: {
    does: 'resets its vCPU after the vCPU has run.',
    steps: 'vm:A vcpu:A0 init:A0 run:A0 init:A0 run:A0',
  },
  'snapshot restore': {
    does: 'saves its VM, closes it, and restores it as another VM in the same process.',
    steps:
      'vm:A vcpu:A0 init:A0 run:A0 save:A0:/tmp/fault-saved close:A vm:B vcpu:B0 init:B0 restore:B0:/tmp/fault-saved run:B0',
    late: ['B0'],
  },
} as const satisfies Readonly<Record<string, LaunchShape>>

export type LaunchShapeName = keyof typeof LAUNCH_SHAPES

export const LAUNCH_SHAPE_NAMES = Object.keys(LAUNCH_SHAPES) as readonly LaunchShapeName[]
