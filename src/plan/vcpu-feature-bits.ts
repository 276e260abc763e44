import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { EVERY_BIT } from '../arm64/bits.ts'
import { fieldMask } from '../arm64/field.ts'
import { fieldNamed } from '../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'

const bitsOf = (feature: VcpuFeature): ReadonlyMap<string, bigint> => {
  const bits = new Map<string, bigint>()
  for (const [register, fieldName] of VCPU_FEATURE_FACTS[feature].fields) {
    const field = fieldNamed(register, fieldName)
    const mask = fieldName === '*' ? EVERY_BIT : field && fieldMask(field)
    bits.set(register, (bits.get(register) ?? 0n) | (mask ?? 0n))
  }
  return bits
}

const known = new Map(VCPU_FEATURES.map((feature) => [feature, bitsOf(feature)]))

/** The bits that are zero unless a VMM asks for this vCPU feature, by the name of their register. */
export const vcpuFeatureBits = (feature: VcpuFeature): ReadonlyMap<string, bigint> =>
  known.get(feature) ?? new Map<string, bigint>()
