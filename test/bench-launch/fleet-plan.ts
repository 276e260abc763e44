import type { Plan } from '../../src/api/plan.ts'
import { MIDR, N2, V1 } from '../fixtures/compile-input.ts'
import { compile, compiled } from '../fixtures/compile-result.ts'

/** A plan as fleets have it: every bit of every register specified. */
export const fleetPlan = (): Plan => compiled(compile(MIDR, [V1, N2])).plan
