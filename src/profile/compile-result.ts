import type { Baseline, CpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import type { PlanFinding } from '../api/finding.ts'
import type { Plan } from '../api/plan.ts'
import type { UnreportedNodes } from './baseline/unreported-nodes.ts'
import type { ClassifiedHost } from './baseline/classified-host.ts'

/** Everything that decides a plan: the same input gives the same plan, whatever the order of the hosts. */
export type CompileInput = {
  readonly spec: CpuFeatureProfileSpec
  readonly hosts: readonly ClassifiedHost[]
  /** The nodes that base `nodes` selects and that have no report; none when left out. */
  readonly unreported?: UnreportedNodes
  /** The baseline in the profile's status, if one was taken. */
  readonly previousBaseline?: Baseline
}

/** Why a spec cannot be compiled whatever the hosts are: the user's mistake. */
export type NotAccepted = {
  readonly kind: 'not-accepted'
  readonly reason:
    | 'UnknownKey'
    | 'UnknownVersion'
    | 'UnknownFeature'
    | 'UnknownModel'
    | 'UnknownRegister'
    | 'UnknownField'
    | 'NotSpecifiable'
    | 'ValueTooWide'
    | 'ContradictingEntries'
    | 'NoBaselineToTakeFrom'
  /** Names the place, such as `spec.features[2].name`, and the nearest valid name. */
  readonly message: string
}

/** The result of compiling a profile. */
export type CompileResult =
  | {
      readonly kind: 'compiled'
      readonly plan: Plan
      /** The baseline that base `nodes` or `architecture` has taken or kept. The caller stores it and passes it in next time. */
      readonly baseline?: Baseline
      /** What was done beyond what the profile asks for: one sentence per change. */
      readonly notes: readonly string[]
    }
  | NotAccepted
  | { readonly kind: 'waiting'; readonly reason: 'WaitingForNodes'; readonly message: string }
  | {
      readonly kind: 'not-compiled'
      readonly reason: 'NoCommonView' | 'BaselineTooLow' | 'NoMember' | 'NotTolerated'
      readonly message: string
      readonly findings: readonly PlanFinding[]
    }
