import { VCPU_FEATURE_DESCRIPTIONS } from './vcpu-feature-descriptions.generated.ts'

/** A vCPU feature or VM capability that a VMM may ask KVM for, by our name; facts/vcpu_features.tsv has KVM's. */
export type VcpuFeature = keyof typeof VCPU_FEATURE_DESCRIPTIONS

/** Every vCPU feature, in the order of the table. */
export const VCPU_FEATURES = Object.keys(VCPU_FEATURE_DESCRIPTIONS) as VcpuFeature[]
