import type { PlanFinding } from '../../api/finding.ts'
import type { RegisterWrite } from './launch-recorder.ts'

/** What is to be remembered of a launch as its calls are served: for its record, and for what is decided of later calls. */
export type LaunchFact =
  /** A VM is made that will be levelled. */
  | { readonly kind: 'vm' }
  /** A VM is made that will not be. */
  | { readonly kind: 'unlevelled-vm' }
  /** What was written to a vCPU at its INIT; `levelled`: it goes on with that; `vmWide`: any other vCPU of its VM has it by that too. */
  | {
      readonly kind: 'vcpu'
      readonly fd: number
      readonly writes: readonly RegisterWrite[]
      readonly levelled: boolean
      readonly vmWide: boolean
    }
  /** The register list that a vCPU's VMM is given from now on; undefined: not to be had yet. */
  | { readonly kind: 'register-list'; readonly fd: number; readonly list: readonly bigint[] | undefined }
  /** `failed`: the launch is made to fail for them. */
  | { readonly kind: 'findings'; readonly findings: readonly PlanFinding[]; readonly failed: boolean }
  /** A call of ours beside those of the VMM, and what it came to. */
  | { readonly kind: 'call'; readonly call: string; readonly answer: string }
