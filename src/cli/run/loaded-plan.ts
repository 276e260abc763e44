import type { Plan } from '../../api/plan.ts'
import type { LaunchReport } from '../../supervisor/supervisor-order.ts'

/** The plan of a launch, where it is from, and where the launch is to be reported. */
export type LoadedPlan =
  | { readonly kind: 'loaded'; readonly plan: Plan; readonly source: string; readonly report?: LaunchReport }
  | { readonly kind: 'failed'; readonly message: string }
