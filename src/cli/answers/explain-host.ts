import { featuresOf, hwcapsOf } from '../../arm64/feature.ts'
import { limitViewOf } from '../../prediction/prediction-host.ts'
import { hostCpu } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'

/** A host in the words of its guests. */
export type ExplainedHost = {
  readonly kind: 'host'
  readonly host: string
  readonly class: string
  readonly cpu: string
  readonly midr: string
  readonly kernel: string
  readonly vcpuFeatures: readonly string[]
  /** What a plain vCPU shows. */
  readonly features: readonly string[]
  readonly hwcaps: readonly string[]
  /** What comes with all vCPU features a VMM usually asks for. */
  readonly featuresOfVcpuFeatures: readonly string[]
  readonly canShowOtherMidr: boolean
  /** Writes that were tried, and those in which KVM did otherwise than the rules say; absent: not tried. */
  readonly trials?: { readonly writes: number; readonly deviating: number }
  readonly counterFrequencyHz?: number
  readonly sveVectorLengthsBits: readonly number[]
  readonly ipaBits: number
}

/** A host document: CPU, features as guests see them, and what decides where its VMs can go. */
export const explainHost = ({ class: hostClass, names, host }: NamedClass): ExplainedHost => {
  const plain = limitViewOf(host) ?? new Map<string, bigint>()
  const fullest = host.configurations
    .filter(({ implementationId }) => implementationId !== true)
    .toSorted((a, b) => b.vcpuFeatures.length - a.vcpuFeatures.length)[0]
  const full =
    (fullest && limitViewOf(host, { vcpuFeatures: fullest.vcpuFeatures, implementationId: false })) ?? plain
  const features = featuresOf(plain)
  return {
    kind: 'host',
    host: names[0] ?? '',
    class: hostClass,
    cpu: hostCpu(host),
    midr: host.cpu.midr,
    kernel: host.kernel.release,
    vcpuFeatures: host.vcpuFeatures,
    features,
    hwcaps: hwcapsOf(plain).map(({ cpuinfoName }) => cpuinfoName),
    featuresOfVcpuFeatures: featuresOf(full).filter((name) => !features.includes(name)),
    canShowOtherMidr: (host.capabilities['KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'] ?? 0) > 0,
    ...(host.trials && { trials: host.trials }),
    ...(host.counterFrequency !== undefined && { counterFrequencyHz: host.counterFrequency }),
    sveVectorLengthsBits: host.sveVectorLengths,
    ipaBits: host.ipaBits,
  }
}
