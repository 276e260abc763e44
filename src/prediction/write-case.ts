import type { VcpuConfiguration } from './prediction-host.ts'

/** One question to KVM: what does KVM_SET_ONE_REG do with this value on a fresh vCPU of this configuration? */
export type WriteCase = {
  readonly configuration: VcpuConfiguration
  /** Arm's name of the register. */
  readonly register: string
  readonly value: bigint
}
