import type { HostDocument } from '../../api/host-document.ts'
import { featuresOf, hwcapsOf } from '../../arm64/feature.ts'
import type { GuestView } from '../../arm64/register.ts'
import { isKernelTooOld, toldSveLengths, unknownVcpuFeatures } from '../../prediction/told-of-host.ts'
import { limitViewOf } from '../../prediction/prediction-host.ts'
import { coreKindsText } from '../../plan/core-kinds-text.ts'
import { hostCpu } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'

/** A host as its guests see it. */
export type ExplainedHost = {
  readonly kind: 'host'
  readonly host: string
  readonly class: string
  readonly cpu: string
  readonly midr: string
  readonly kernel: string
  /** The kinds of cores, where there are several. */
  readonly cores?: readonly string[]
  /** What the document was made of; absent if KVM was probed. */
  readonly importedFrom?: string
  /** The HWCAPs of the host itself, where that is all that was told. */
  readonly hostHwcaps?: readonly string[]
  readonly vcpuFeatures: readonly string[]
  /** Those of which the document does not tell whether KVM gives them. */
  readonly vcpuFeaturesUnknown: readonly string[]
  /** What a plain vCPU shows. */
  readonly features: readonly string[]
  readonly hwcaps: readonly string[]
  /** What all the vCPU features that a VMM usually asks for add. */
  readonly featuresOfVcpuFeatures: readonly string[]
  /** Absent where nobody asked KVM. */
  readonly canShowOtherMidr?: boolean
  /** The number of tried writes, and of those in which KVM deviated from the rules; absent if there were no trials. */
  readonly trials?: { readonly writes: number; readonly deviating: number }
  readonly counterFrequencyHz?: number
  /** Absent where they are unknown. */
  readonly sveVectorLengthsBits?: readonly number[]
  readonly ipaBits?: number
  /** Whether the kernel is older than the first that profiles can use. */
  readonly kernelTooOld: boolean
}

const WRITABLE_ID = 'KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'

/** What only some documents tell; what one does not tell is left out. */
const whereTold = ({
  cores = [],
  imported,
  capabilities,
  trials,
  counterFrequency,
}: HostDocument): Partial<ExplainedHost> => ({
  ...(cores.length > 1 && { cores: coreKindsText({ cores }) }),
  ...(imported && { importedFrom: imported.from }),
  ...(imported?.hwcaps && { hostHwcaps: imported.hwcaps }),
  ...(capabilities[WRITABLE_ID] !== undefined && { canShowOtherMidr: capabilities[WRITABLE_ID] > 0 }),
  ...(trials && { trials }),
  ...(counterFrequency !== undefined && { counterFrequencyHz: counterFrequency }),
})

const sveLengths = (host: HostDocument): Partial<ExplainedHost> => {
  const lengths = toldSveLengths(host)
  return lengths === undefined ? {} : { sveVectorLengthsBits: lengths }
}

/** The view with the most vCPU features that the document tells of. */
const fullestView = (host: HostDocument): GuestView | undefined => {
  const [fullest] = host.configurations
    .filter(({ implementationId }) => implementationId !== true)
    .toSorted((a, b) => b.vcpuFeatures.length - a.vcpuFeatures.length)
  return fullest && limitViewOf(host, { vcpuFeatures: fullest.vcpuFeatures, implementationId: false })
}

/** A host document: the CPU, the features as guests see them, and what decides where its VMs can move. */
export const explainHost = ({ class: hostClass, names, host }: NamedClass): ExplainedHost => {
  const plain = limitViewOf(host) ?? new Map<string, bigint>()
  const features = featuresOf(plain)
  return {
    kind: 'host',
    host: names[0] ?? '',
    class: hostClass,
    cpu: hostCpu(host),
    midr: host.cpu.midr,
    kernel: host.kernel.release,
    vcpuFeatures: host.vcpuFeatures,
    vcpuFeaturesUnknown: unknownVcpuFeatures(host),
    features,
    hwcaps: hwcapsOf(plain).map(({ cpuinfoName }) => cpuinfoName),
    featuresOfVcpuFeatures: featuresOf(fullestView(host) ?? plain).filter((name) => !features.includes(name)),
    kernelTooOld: isKernelTooOld(host),
    ...(host.ipaBits !== undefined && { ipaBits: host.ipaBits }),
    ...whereTold(host),
    ...sveLengths(host),
  }
}
