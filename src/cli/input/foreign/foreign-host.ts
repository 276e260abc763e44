import type { VcpuFeature } from '../../../api/vcpu-feature.ts'
import type { CoreKind } from '../../../discovery/core-kinds.ts'

/** What another program's output tells of a host. What is absent is not told, and so unknown. */
export type ForeignHost = {
  readonly kind: 'host'
  /** What it was made of, in words that follow "made of". */
  readonly from: string
  readonly kernel?: string
  /** By KVM's ONE_REG id. */
  readonly registers: ReadonlyMap<bigint, bigint>
  /** Whether `registers` is what KVM gave a vCPU, all of it. */
  readonly ofKvm: boolean
  /** The vCPU features of that vCPU. */
  readonly vcpuFeatures?: readonly VcpuFeature[]
  /** In the order of their first CPU. */
  readonly cores: readonly CoreKind[]
  readonly hwcaps?: readonly string[]
  readonly notes: readonly string[]
}
