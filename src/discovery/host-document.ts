import type { HostDocument } from '../api/host-document.ts'
import { toHex64 } from '../api/hex64.ts'
import { VCPU_FEATURES, type VcpuFeature } from '../api/vcpu-feature-policy.ts'
import { KVM_CAPABILITIES, type KvmCapability } from '../linux/abi/kvm.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { configurationView } from './configuration-view.ts'
import { givesVcpuFeature } from './gives-vcpu-feature.ts'
import { kernelIdentity } from './kernel-identity.ts'
import { listDifference } from './list-difference.ts'
import { readPmu } from './pmu.ts'
import { inStep, ProbeStepError } from './probe-step-error.ts'
import { ipaBitsOf, withScratchVm } from './scratch-vm.ts'
import { SHIPPED_REGISTER_LIST } from './shipped-register-list.generated.ts'
import { readSveVectorLengths } from './sve-vector-lengths.ts'
import { readUntrappedRegisters } from './untrapped-registers.ts'
import {
  configurationName,
  otherConfigurations,
  PLAIN,
  type VcpuConfiguration,
} from './vcpu-configuration.ts'
import { readVcpuRegisters, type VcpuRegisters } from './vcpu-registers.ts'
import { writableMasks } from './writable-masks.ts'

const hexValues = (values: ReadonlyMap<string, bigint>): Record<string, string> =>
  Object.fromEntries([...values].map(([name, value]) => [name, toHex64(value)]))

const readCapabilities = (kvm: Kvm): Record<string, number> =>
  Object.fromEntries(
    (Object.keys(KVM_CAPABILITIES) as KvmCapability[]).map((name) => [name, kvm.checkExtension(name)]),
  )

const readVcpuFeatures = (kvm: Kvm): VcpuFeature[] =>
  VCPU_FEATURES.filter((feature) => {
    const answer = givesVcpuFeature(kvm, feature)
    if (answer.kind === 'unknown') throw new ProbeStepError(`vCPU feature ${feature}`, answer.error)
    return answer.kind === 'yes'
  })

const readConfiguration = (kvm: Kvm, configuration: VcpuConfiguration): VcpuRegisters =>
  inStep(`vCPU configuration ${configurationName(configuration)}`, () =>
    withScratchVm(kvm, configuration, (vcpu) => readVcpuRegisters(vcpu.finalize())),
  )

const readSveLengths = (kvm: Kvm, vcpuFeatures: readonly VcpuFeature[]): number[] =>
  vcpuFeatures.includes('sve')
    ? inStep('SVE vector lengths', () =>
        withScratchVm(kvm, { vcpuFeatures: ['sve'], implementationId: false }, readSveVectorLengths),
      )
    : []

const valueOf = (view: ReadonlyMap<string, bigint>, register: string): string =>
  toHex64(view.get(register) ?? 0n)

/** Asks everything of an open KVM that decides what a guest's CPU can be. Throws ProbeStepError. */
export const readHostDocument = (kvm: Kvm): HostDocument => {
  const capabilities = inStep('capabilities', () => readCapabilities(kvm))
  const vcpuFeatures = inStep('vCPU features', () => readVcpuFeatures(kvm))
  const plain = readConfiguration(kvm, PLAIN)
  const others = otherConfigurations(
    vcpuFeatures,
    (capabilities['KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'] ?? 0) > 0,
  )
  const { added, removed } = listDifference(SHIPPED_REGISTER_LIST, plain.list)
  return {
    formatVersion: 1,
    kernel: kernelIdentity(),
    cpu: {
      midr: valueOf(plain.view, 'MIDR_EL1'),
      revidr: valueOf(plain.view, 'REVIDR_EL1'),
      aidr: valueOf(plain.view, 'AIDR_EL1'),
    },
    capabilities,
    vcpuFeatures,
    ...inStep('writable masks', () =>
      withScratchVm(kvm, PLAIN, (_, vm) => writableMasks(vm.getRegWritableMasks())),
    ),
    guestView: hexValues(plain.view),
    configurations: others.map((configuration) =>
      configurationView(configuration, plain, readConfiguration(kvm, configuration)),
    ),
    registerList: { added: added.map(toHex64), removed: removed.map(toHex64) },
    firmwareRegisters: hexValues(plain.firmware),
    sveVectorLengths: readSveLengths(kvm, vcpuFeatures),
    ipaBits: inStep('IPA size', () => ipaBitsOf(kvm)),
    ...readUntrappedRegisters(kvm),
    ...(vcpuFeatures.includes('pmu') && readPmu(kvm)),
    deviations: [],
  }
}
