import type { Plan } from '../../api/plan.ts'
import type { LaunchReport } from '../../supervisor/supervisor-order.ts'

/** The plan of a launch, where it comes from, what to say of it, and where to report the launch. */
export type LoadedPlan =
  | {
      readonly kind: 'loaded'
      readonly plan: Plan
      readonly source: string
      readonly notes: readonly string[]
      readonly report?: LaunchReport
    }
  | { readonly kind: 'failed'; readonly message: string }
