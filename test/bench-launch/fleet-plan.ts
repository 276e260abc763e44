import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { Plan } from '../../src/api/plan.ts'
import { hostClass } from '../../src/compatibility/host-class.ts'
import { compileProfile } from '../../src/profile/compile-profile.ts'
import { fixtureHost } from '../bench/host-classes.ts'

/** A plan as fleets have it: every bit of every register specified. */
export const fleetPlan = (): Plan => {
  const result = compileProfile({
    spec: cpuFeatureProfileSpec.parse({ base: { nodes: {} }, implementation: { midr: 'FromBaseline' } }),
    hosts: [fixtureHost('neoverse-v1-6.18'), fixtureHost('neoverse-n2-6.18')].map((host) => ({
      class: hostClass(host),
      nodes: 1,
      host,
      selected: true,
    })),
  })
  if (result.kind !== 'compiled') throw new Error(result.message)
  return result.plan
}
