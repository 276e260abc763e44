import type { GuestView } from '../arm64/register.ts'
import { levelled } from '../plan/level.ts'
import { rememberedOfBoth } from '../plan/remembered.ts'
import type { ResolvedPlan } from '../plan/read-plan.ts'
import type { PredictionHost } from '../prediction/prediction-host.ts'

/** The registers in which a guest under the plan sees another value than the host shows by itself. */
export const changedRegisters = (
  { registers }: ResolvedPlan,
  { limitView }: PredictionHost,
): ReadonlyMap<string, bigint> =>
  new Map([...levelled(registers, limitView)].filter(([name, value]) => limitView.get(name) !== value))

/** What a guest of this host sees under the plan. */
export const shownView = rememberedOfBoth(
  (plan: ResolvedPlan, { limitView }: PredictionHost): GuestView =>
    new Map([...limitView, ...levelled(plan.registers, limitView)]),
)
