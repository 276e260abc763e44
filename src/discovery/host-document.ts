import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { HostDocument, VcpuConfigurationView } from '../api/host-document.ts'
import { toHex64 } from '../api/hex64.ts'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { KVM_CAPABILITIES, type KvmCapability } from '../linux/abi/kvm-numbers.generated.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { askConfiguration } from './ask-configuration.ts'
import { configurationView } from './configuration-view.ts'
import { readCores } from './host-cores.ts'
import { listDifference } from './list-difference.ts'
import { readPmu } from './pmu.ts'
import { inStep, ProbeStepError } from './probe-step-error.ts'
import { ipaBitsOf, withScratchVm } from './scratch-vm.ts'
import { SHIPPED_REGISTER_LIST } from './shipped-register-list.generated.ts'
import { readSveVectorLengths } from './sve-vector-lengths.ts'
import { readUntrappedRegisters } from './untrapped-registers.ts'
import {
  combinedConfigurations,
  configurationName,
  PLAIN,
  SINGLE_FEATURES,
  type VcpuConfiguration,
} from './vcpu-configuration.ts'
import { readVcpuRegisters, type VcpuRegisters } from './vcpu-registers.ts'
import { writableMasks } from './writable-masks.ts'

/** Which kernel answers, and since which boot. Throws if /proc is not mounted. */
const kernelIdentity = (): HostDocument['kernel'] => ({
  release: release(),
  bootID: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
})

const hexValues = (values: ReadonlyMap<string, bigint>): Record<string, string> =>
  Object.fromEntries([...values].map(([name, value]) => [name, toHex64(value)]))

const readCapabilities = (kvm: Kvm): Record<string, number> =>
  Object.fromEntries(
    (Object.keys(KVM_CAPABILITIES) as KvmCapability[]).map((name) => [name, kvm.checkExtension(name)]),
  )

/** The registers of a configuration; undefined if this host cannot make it. */
const tryConfiguration = (kvm: Kvm, configuration: VcpuConfiguration): VcpuRegisters | undefined => {
  const step = `vCPU configuration ${configurationName(configuration)}`
  const answer = inStep(step, () => askConfiguration(kvm, configuration))
  switch (answer.kind) {
    case 'given':
      return answer.registers
    case 'refused':
      return undefined
    case 'unknown':
      throw new ProbeStepError(step, answer.error)
    default:
      return answer satisfies never
  }
}

const readPlain = (kvm: Kvm): VcpuRegisters =>
  inStep('vCPU configuration plain', () =>
    withScratchVm(kvm, PLAIN, (vcpu) => readVcpuRegisters(vcpu.finalize())),
  )

const readViews = (
  kvm: Kvm,
  plain: VcpuRegisters,
  configurations: readonly VcpuConfiguration[],
): VcpuConfigurationView[] =>
  configurations.flatMap((configuration) => {
    const registers = tryConfiguration(kvm, configuration)
    return registers === undefined ? [] : [configurationView(configuration, plain, registers)]
  })

const readSveLengths = (kvm: Kvm, vcpuFeatures: readonly VcpuFeature[]): number[] =>
  vcpuFeatures.includes('sve')
    ? inStep('SVE vector lengths', () =>
        withScratchVm(kvm, { vcpuFeatures: ['sve'], implementationId: false }, readSveVectorLengths),
      )
    : []

const valueOf = (view: ReadonlyMap<string, bigint>, register: string): string =>
  toHex64(view.get(register) ?? 0n)

/** Asks an open KVM everything that decides what a guest's CPU can be. Throws ProbeStepError. */
export const readHostDocument = (kvm: Kvm): HostDocument => {
  const capabilities = inStep('capabilities', () => readCapabilities(kvm))
  const plain = readPlain(kvm)
  const single = readViews(kvm, plain, SINGLE_FEATURES)
  const vcpuFeatures = single.flatMap((view) => view.vcpuFeatures)
  const implementationIdWritable = (capabilities['KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'] ?? 0) > 0
  const combined = combinedConfigurations(vcpuFeatures, implementationIdWritable)
  const { added, removed } = listDifference(SHIPPED_REGISTER_LIST, plain.list)
  return {
    formatVersion: 1,
    kernel: kernelIdentity(),
    cpu: {
      midr: valueOf(plain.view, 'MIDR_EL1'),
      revidr: valueOf(plain.view, 'REVIDR_EL1'),
      aidr: valueOf(plain.view, 'AIDR_EL1'),
    },
    ...readCores(),
    capabilities,
    vcpuFeatures,
    ...inStep('writable masks', () =>
      withScratchVm(kvm, PLAIN, (_, vm) => writableMasks(vm.getRegWritableMasks())),
    ),
    guestView: hexValues(plain.view),
    configurations: [...single, ...readViews(kvm, plain, combined)],
    registerList: { added: added.map(toHex64), removed: removed.map(toHex64) },
    firmwareRegisters: hexValues(plain.firmware),
    sveVectorLengths: readSveLengths(kvm, vcpuFeatures),
    ipaBits: inStep('IPA size', () => ipaBitsOf(kvm)),
    ...readUntrappedRegisters(kvm),
    ...(vcpuFeatures.includes('pmu') && readPmu(kvm)),
    deviations: [],
  }
}
