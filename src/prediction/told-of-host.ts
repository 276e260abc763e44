import type { HostDocument } from '../api/host-document.ts'
import { VCPU_FEATURES } from '../api/vcpu-feature.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { VCPU_FEATURE_FACTS } from '../arm64/vcpu-feature-table.generated.ts'

/** What a host document says to a question. `unknown`: nobody asked the host's KVM, or the document does not tell. */
export type Told = 'yes' | 'no' | 'unknown'

/** Whether a host gives a vCPU feature: what its KVM was asked (KVM_CHECK_EXTENSION) is in its capabilities, also where it said no. */
export const givesVcpuFeature = (host: HostDocument, feature: VcpuFeature): Told => {
  if (host.vcpuFeatures.includes(feature)) return 'yes'
  const asked = VCPU_FEATURE_FACTS[feature].capabilities.every(
    ({ name }) => host.capabilities[name] !== undefined,
  )
  return asked ? 'no' : 'unknown'
}

/** The vCPU features of which a host document does not tell. */
export const unknownVcpuFeatures = (host: HostDocument): readonly VcpuFeature[] =>
  VCPU_FEATURES.filter((feature) => givesVcpuFeature(host, feature) === 'unknown')

/** Whether a host's KVM can show another implementation ID than the host's own (Linux 6.15). */
export const showsOtherImplementation = ({ capabilities }: HostDocument): Told => {
  const answer = capabilities['KVM_CAP_ARM_WRITABLE_IMP_ID_REGS']
  if (answer === undefined) return 'unknown'
  return answer > 0 ? 'yes' : 'no'
}

/** Whether a host document has the writable masks. Without them nobody knows which fields its KVM lets a VMM change. */
export const tellsMasks = ({ writableMasks }: HostDocument): boolean =>
  writableMasks !== undefined && Object.keys(writableMasks).length > 0

/** The SVE vector lengths of a host, in bits and ascending; undefined if they are unknown. */
export const toldSveLengths = (host: HostDocument): readonly number[] | undefined => {
  const { sveVectorLengths: lengths } = host
  const isTold = (lengths?.length ?? 0) > 0 || givesVcpuFeature(host, 'sve') === 'no'
  return isTold ? (lengths ?? []).toSorted((a, b) => a - b) : undefined
}

const FLOOR = [6, 7] as const

/**
 * Whether a host's kernel is known to be older than the first one that reports writable masks (Linux 6.7). A document with masks is of a
 * kernel that reports them, whatever its version is called.
 */
export const isKernelTooOld = (host: HostDocument): boolean => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(host.kernel.release) ?? []
  if (major === undefined || minor === undefined) return false
  const isOlder = Number(major) < FLOOR[0] || (Number(major) === FLOOR[0] && Number(minor) < FLOOR[1])
  return isOlder && !tellsMasks(host)
}
