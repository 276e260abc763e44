import type { HostDocument } from '../api/host-document.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'

/** Whether a host gives a vCPU feature. `unknown`: nobody asked its KVM, or the document does not tell. */
export type GivesVcpuFeature = 'yes' | 'no' | 'unknown'

/** Whether a host gives a vCPU feature: what its KVM was asked (KVM_CHECK_EXTENSION) is in its capabilities, also where it said no. */
export const givesVcpuFeature = (host: HostDocument, feature: VcpuFeature): GivesVcpuFeature => {
  if (host.vcpuFeatures.includes(feature)) return 'yes'
  const asked = VCPU_FEATURE_FACTS[feature].capabilities.every(
    ({ name }) => host.capabilities[name] !== undefined,
  )
  return asked ? 'no' : 'unknown'
}

/** The vCPU features of which a host document does not tell. */
export const unknownVcpuFeatures = (host: HostDocument): readonly VcpuFeature[] =>
  VCPU_FEATURES.filter((feature) => givesVcpuFeature(host, feature) === 'unknown')
