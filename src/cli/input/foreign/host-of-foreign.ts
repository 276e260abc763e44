import { toHex64 } from '../../../api/hex64.ts'
import type { HostDocument, VcpuConfigurationView } from '../../../api/host-document.ts'
import type { VcpuFeature } from '../../../api/vcpu-feature.ts'
import { hasAnyBit, onlyBits, withBits, withoutBits } from '../../../arm64/bits.ts'
import { firmwareRegisterByKvmId } from '../../../arm64/firmware-registers.ts'
import { FEATURE_ID_REGISTERS } from '../../../arm64/register.ts'
import { VCPU_FEATURE_FACTS } from '../../../arm64/vcpu-feature-table.generated.ts'
import { listDifference } from '../../../discovery/list-difference.ts'
import { SHIPPED_REGISTER_LIST } from '../../../discovery/shipped-register-list.generated.ts'
import { KVM_REG_ARM64_SVE, KVM_REG_ARM_COPROC_MASK } from '../../../linux/abi/kvm.ts'
import { vcpuFeatureBits } from '../../../plan/vcpu-feature-bits.ts'
import { isUnknownToGuests } from '../../../profile/baseline/unknown-to-guests.ts'
import { cpuList } from '../../../discovery/core-kinds.ts'
import type { ForeignHost } from './foreign-host.ts'

type View = Readonly<Record<string, string>>

/** In the order of the registers, as the probe has them. */
const viewOf = ({ registers, cores }: ForeignHost): View =>
  Object.fromEntries(
    FEATURE_ID_REGISTERS.flatMap(({ name, kvmRegisterId }) => {
      const value = registers.get(kvmRegisterId) ?? (name === 'MIDR_EL1' ? cores[0]?.midr : undefined)
      return value === undefined ? [] : [[name, toHex64(value)]]
    }),
  )

/** The bits of a register that are zero without the vCPU feature. */
const bitsOf = (feature: VcpuFeature, name: string): bigint => vcpuFeatureBits(feature).get(name) ?? 0n

const FEATURES = Object.values(VCPU_FEATURE_FACTS).map(({ name }) => name)

/** The vCPU features whose fields a view has. */
const featuresShown = (view: View): readonly VcpuFeature[] =>
  FEATURES.filter((feature) =>
    Object.entries(view).some(([name, value]) => hasAnyBit(BigInt(value), bitsOf(feature, name))),
  )

const without = (view: View, features: readonly VcpuFeature[]): View =>
  Object.fromEntries(
    Object.entries(view).map(([name, value]) => {
      const bits = features.reduce((mask, feature) => withBits(mask, bitsOf(feature, name)), 0n)
      return [name, toHex64(withoutBits(BigInt(value), bits))]
    }),
  )

const differences = (plain: View, view: View): Record<string, string> =>
  Object.fromEntries(Object.entries(view).filter(([name, value]) => plain[name] !== value))

const isOfSve = (id: bigint): boolean => onlyBits(id, KVM_REG_ARM_COPROC_MASK) === KVM_REG_ARM64_SVE

/** What the kernel of an imported host decides, taken from a host that has the same. */
export type KernelFacts = Pick<HostDocument, 'writableMasks' | 'capabilities'>

const NOTHING_KNOWN: KernelFacts = { capabilities: {} }

// The others are the CPU's as much as the kernel's.
const CAPABILITY_OF_KERNEL = 'KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'

/** The facts of a probed host that hold for every host of its kernel. */
export const kernelFacts = ({ writableMasks, capabilities }: HostDocument): KernelFacts => {
  const asked = capabilities[CAPABILITY_OF_KERNEL]
  return {
    ...(writableMasks && { writableMasks }),
    capabilities: asked === undefined ? {} : { [CAPABILITY_OF_KERNEL]: asked },
  }
}

/** Without AArch32 KVM lets nobody write its registers, whatever the kernel does elsewhere. */
const masksFor = (view: View, { writableMasks: masks }: KernelFacts): Pick<HostDocument, 'writableMasks'> => {
  if (masks === undefined) return {}
  const pfr0 = view['ID_AA64PFR0_EL1']
  return {
    writableMasks: Object.fromEntries(
      Object.entries(masks).filter(([name]) => pfr0 === undefined || !isUnknownToGuests(name, BigInt(pfr0))),
    ),
  }
}

const LISTED = FEATURE_ID_REGISTERS.filter(({ kvmRegisterId }) =>
  SHIPPED_REGISTER_LIST.includes(kvmRegisterId),
).map(({ kvmRegisterId }) => kvmRegisterId)

/** A part of a dump does not tell what KVM lists. */
const registerList = ({ registers, ofKvm }: ForeignHost): Pick<HostDocument, 'registerList'> => {
  if (!ofKvm || !LISTED.every((id) => registers.has(id))) return {}
  const ids = [...registers.keys()].filter((id) => !isOfSve(id))
  const { added, removed } = listDifference(SHIPPED_REGISTER_LIST, ids)
  return { registerList: { added: added.map(toHex64), removed: removed.map(toHex64) } }
}

/** The configuration that the registers are of, where it is not the plain one. */
const configurations = (
  foreign: ForeignHost,
  shown: readonly VcpuFeature[],
  [plain, view]: readonly [View, View],
): VcpuConfigurationView[] => {
  const ofSve = [...foreign.registers.keys()].filter(isOfSve).map(toHex64)
  const list = ofSve.length === 0 ? {} : { registerListAdded: ofSve }
  return shown.length === 0
    ? []
    : [{ vcpuFeatures: [...shown], differences: differences(plain, view), ...list }]
}

const givenCapabilities = (features: readonly VcpuFeature[]): Record<string, number> =>
  Object.fromEntries(
    features.flatMap((feature) => VCPU_FEATURE_FACTS[feature].capabilities.map(({ name }) => [name, 1])),
  )

const coresOf = ({ cores }: ForeignHost): Pick<HostDocument, 'cores'> =>
  cores.length === 0
    ? {}
    : {
        cores: cores.map(({ midr, cpus }) => ({
          midr: toHex64(midr),
          ...(cpus.length > 0 && { cpus: cpuList(cpus) }),
        })),
      }

/**
 * A host document of what another program tells: what a plain vCPU shows, and nothing that was not told, so that verdicts about it are
 * unproven. What the registers show of a vCPU feature, or say of it, is believed where they are KVM's. Masks and capabilities are those
 * of its kernel, where they were given.
 */
export const hostOfForeign = (foreign: ForeignHost, kernel: KernelFacts = NOTHING_KNOWN): HostDocument => {
  const view = viewOf(foreign)
  const shown = featuresShown(view)
  const plain = without(view, shown)
  const given = foreign.ofKvm
    ? FEATURES.filter((one) => shown.includes(one) || foreign.vcpuFeatures?.includes(one))
    : []
  const { MIDR_EL1: midr = '0x0', REVIDR_EL1: revidr, AIDR_EL1: aidr } = plain
  return {
    formatVersion: 1,
    kernel: { release: foreign.kernel ?? 'unknown', bootID: '' },
    imported: { from: foreign.from, ...(foreign.hwcaps && { hwcaps: [...foreign.hwcaps] }) },
    cpu: { midr, ...(revidr !== undefined && { revidr }), ...(aidr !== undefined && { aidr }) },
    ...coresOf(foreign),
    vcpuFeatures: given,
    capabilities: { ...givenCapabilities(given), ...kernel.capabilities },
    ...masksFor(plain, kernel),
    guestView: plain,
    configurations: configurations(foreign, foreign.ofKvm ? shown : [], [plain, view]),
    ...registerList(foreign),
    firmwareRegisters: Object.fromEntries(
      [...foreign.registers].flatMap(([id, value]) => {
        const register = firmwareRegisterByKvmId(id)
        return register ? [[register.name, toHex64(value)]] : []
      }),
    ),
    deviations: [],
  }
}
