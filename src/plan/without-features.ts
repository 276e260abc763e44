import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { hasAnyBit, withBits, withoutBits } from '../arm64/bits.ts'
import { fieldMask } from '../arm64/field.ts'
import type { PlannedRegister } from './planned-register.ts'
import { vcpuFeatureBits } from './vcpu-feature-bits.ts'

/** What a plan says of a vCPU that does not have these features: nothing of what comes with them, which KVM would refuse to raise. */
export const withoutFeatures = (
  registers: readonly PlannedRegister[],
  features: readonly VcpuFeature[],
): readonly PlannedRegister[] =>
  registers.map((planned) => {
    const bits = features.reduce(
      (all, feature) => withBits(all, vcpuFeatureBits(feature).get(planned.name) ?? 0n),
      0n,
    )
    if (bits === 0n) return planned
    const ceilings = planned.ceilings.filter(({ field }) => !hasAnyBit(bits, fieldMask(field)))
    return { ...planned, mask: withoutBits(planned.mask, bits), ceilings }
  })
