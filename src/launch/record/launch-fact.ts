import type { LaunchRefusal } from '../../api/finding.ts'
import type { RegisterWrite } from './launch-recorder.ts'

/** What is to be remembered of a launch as its calls are served: for its record, and for what is decided of later calls. */
export type LaunchFact =
  /** A VM is made. */
  | { readonly kind: 'vm' }
  /** What was written to a vCPU at its INIT. */
  | { readonly kind: 'vcpu'; readonly writes: readonly RegisterWrite[] }
  /** What is known from now on of the VM of this label: the features it was INITed with, the register list that its VMM is given. */
  | {
      readonly kind: 'vm-kept'
      readonly label: number
      readonly features?: readonly number[]
      readonly list?: readonly bigint[]
    }
  /** From now on a vCPU of the process may run that cannot be seen. */
  | { readonly kind: 'sight-lost' }
  /** `failed`: the launch is made to fail for them. */
  | { readonly kind: 'refusals'; readonly refusals: readonly LaunchRefusal[]; readonly failed: boolean }
  /** The VMM is told something else than KVM says: the plan has an effect even if no register is written. */
  | { readonly kind: 'answered' }
  /** A call of ours beside those of the VMM, and what it came to. */
  | { readonly kind: 'call'; readonly call: string; readonly answer: string }
