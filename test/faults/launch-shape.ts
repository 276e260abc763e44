/**
 * What a VMM does in a launch of the second table of docs/faults.md, as steps of test/fixtures/vmm/stepwise.c, and which of its vCPUs may
 * be refused when another has run.
 */
export type LaunchShape = {
  readonly does: string
  readonly steps: string
  readonly refused?: readonly string[]
}

export const LAUNCH_SHAPES = {
  'one VM': { does: 'makes a VM, INITs its vCPU and runs it.', steps: 'vm:A vcpu:A0 init:A0 run:A0' },
  'scratch and real': {
    does: 'makes its VM, then another one that it INITs and closes, and then INITs its own, as QEMU does.',
    steps: 'vm:A vm:S vcpu:S0 init:S0 close:S vcpu:A0 init:A0 run:A0',
  },
  'two VMs': {
    does: 'makes two VMs, and INITs the second when the first has run: that is refused.',
    steps: 'vm:A vm:B vcpu:A0 vcpu:B0 init:A0 run:A0 init:B0 run:B0',
    refused: ['B0'],
  },
  'late vCPU': {
    does: 'adds a vCPU when its VM has run.',
    steps: 'vm:A vcpu:A0 init:A0 run:A0 vcpu:A1 init:A1 run:A1',
  },
  reset: { does: 'resets its vCPU when it has run.', steps: 'vm:A vcpu:A0 init:A0 run:A0 init:A0 run:A0' },
  'snapshot restore': {
    does: 'saves its VM, closes it, and restores it as another VM of the same process.',
    steps:
      'vm:A vcpu:A0 init:A0 run:A0 save:A0:/tmp/fault-saved close:A vm:B vcpu:B0 init:B0 restore:B0:/tmp/fault-saved run:B0',
  },
} as const satisfies Readonly<Record<string, LaunchShape>>

export type LaunchShapeName = keyof typeof LAUNCH_SHAPES

export const LAUNCH_SHAPE_NAMES = Object.keys(LAUNCH_SHAPES) as readonly LaunchShapeName[]
