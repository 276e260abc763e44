import { cpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'
import type { CpuFeatureProfileSpec } from '../../src/api/cpu-feature-profile.ts'

const FEATURES = [
  'FEAT_RNG',
  'FEAT_SHA3',
  'FEAT_BF16',
  'FEAT_I8MM',
  'FEAT_DotProd',
  'FEAT_LRCPC2',
  'FEAT_DIT',
]
const SVE = ['Disabled', 'Allowed'] as const

/** `count` profiles as fleets have them: half on base host, half on base nodes; each with other features. */
export const benchProfiles = (count: number): CpuFeatureProfileSpec[] =>
  Array.from({ length: count }, (_, index) =>
    cpuFeatureProfileSpec.parse({
      base: index % 2 === 0 ? { host: {} } : { nodes: {} },
      ...(index % 2 === 1 && { implementation: { midr: 'FromBaseline' } }),
      tolerate: { inert: 'Accept', features: ['FEAT_IDST'], surplus: 'AcceptOneWay' },
      features: FEATURES.filter((_feature, bit) => ((index >> 1) & (1 << bit)) !== 0).map((name) => ({
        name,
        state: 'Disabled',
      })),
      vcpuFeatures: { sve: SVE[index % 2] ?? 'Allowed' },
    }),
  )
