import * as z from 'zod'
import { toHex64 } from '../../api/hex64.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { paRangeBits } from '../../arm64/pa-range.ts'
import { FEATURE_ID_REGISTERS, registerByKvmId } from '../../arm64/register.ts'
import { firmwareRegisterByKvmId } from '../../arm64/firmware-registers.ts'
import { listDifference } from '../../discovery/list-difference.ts'
import { SHIPPED_REGISTER_LIST } from '../../discovery/shipped-register-list.generated.ts'
import { isUnknownToGuests } from '../../profile/baseline/unknown-to-guests.ts'
import { firecrackerTemplate } from '../answers/firecracker-template.ts'

/** A dump of cpu-template-helper: of `template dump`, or of `fingerprint dump`, which says the kernel too. */
export const firecrackerDump = z.union([
  z.object({ kernel_version: z.string().max(128), guest_cpu_config: firecrackerTemplate }),
  firecrackerTemplate.refine(
    ({ reg_modifiers }) => reg_modifiers.length > 0,
    'reg_modifiers: must not be empty',
  ),
])

export type FirecrackerDump = z.infer<typeof firecrackerDump>

type Register = { readonly id: bigint; readonly value: bigint }

/** Registers with bits that are `x` were stripped: their values are not known. */
const registersOf = (dump: FirecrackerDump): Register[] => {
  const { reg_modifiers } = 'guest_cpu_config' in dump ? dump.guest_cpu_config : dump
  return reg_modifiers
    .filter(({ bitmap }) => !bitmap.includes('x'))
    .map(({ addr, bitmap }) => ({ id: BigInt(addr), value: BigInt(bitmap.replaceAll('_', '')) }))
}

const guestViewOf = (registers: readonly Register[]): Record<string, string> => {
  const byName = new Map(
    registers.flatMap(({ id, value }) => {
      const register = registerByKvmId(id)
      return register && FEATURE_ID_REGISTERS.includes(register) ? [[register.name, toHex64(value)]] : []
    }),
  )
  // In the order of the registers, as the probe has them.
  return Object.fromEntries(
    FEATURE_ID_REGISTERS.flatMap(({ name }) => {
      const value = byName.get(name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

// Where the dump has not even this register: KVM's default.
const DEFAULT_IPA_BITS = 40

const ipaBitsOf = (view: Readonly<Record<string, string>>): number => {
  const value = view['ID_AA64MMFR0_EL1']
  return value === undefined ? DEFAULT_IPA_BITS : paRangeBits(BigInt(value))
}

/** What the kernel of a dump decides, taken from a host that has the same. */
export type KernelFacts = Pick<HostDocument, 'writableMasks' | 'capabilities'>

const NOTHING_KNOWN: KernelFacts = { writableMasks: {}, capabilities: {} }

// The others are the CPU's as much as the kernel's.
const CAPABILITY_OF_KERNEL = 'KVM_CAP_ARM_WRITABLE_IMP_ID_REGS'

/** The facts of a probed host that hold for every host of its kernel. */
export const kernelFacts = ({ writableMasks, capabilities }: HostDocument): KernelFacts => ({
  writableMasks,
  capabilities: { [CAPABILITY_OF_KERNEL]: capabilities[CAPABILITY_OF_KERNEL] ?? 0 },
})

/** Without AArch32 KVM lets nobody write its registers, whatever the kernel does elsewhere. */
const masksFor = (
  view: Readonly<Record<string, string>>,
  masks: HostDocument['writableMasks'],
): HostDocument['writableMasks'] => {
  const pfr0 = BigInt(view['ID_AA64PFR0_EL1'] ?? '0')
  return Object.fromEntries(Object.entries(masks).filter(([name]) => !isUnknownToGuests(name, pfr0)))
}

/**
 * A host document of a dump: what a plain vCPU shows, and nothing that a dump does not tell (other vCPU features, the counter), so
 * that verdicts about it are unproven. Masks and capabilities are those of its kernel, where they were given.
 */
export const hostOfDump = (dump: FirecrackerDump, kernel: KernelFacts = NOTHING_KNOWN): HostDocument => {
  const registers = registersOf(dump)
  const guestView = guestViewOf(registers)
  const { added, removed } = listDifference(
    SHIPPED_REGISTER_LIST,
    registers.map(({ id }) => id),
  )
  const valueOf = (name: string): string => guestView[name] ?? '0x0'
  return {
    formatVersion: 1,
    kernel: { release: 'kernel_version' in dump ? dump.kernel_version : 'unknown', bootID: '' },
    cpu: { midr: valueOf('MIDR_EL1'), revidr: valueOf('REVIDR_EL1'), aidr: valueOf('AIDR_EL1') },
    vcpuFeatures: [],
    capabilities: kernel.capabilities,
    writableMasks: masksFor(guestView, kernel.writableMasks),
    guestView,
    configurations: [],
    registerList: { added: added.map(toHex64), removed: removed.map(toHex64) },
    firmwareRegisters: Object.fromEntries(
      registers.flatMap(({ id, value }) => {
        const register = firmwareRegisterByKvmId(id)
        return register ? [[register.name, toHex64(value)]] : []
      }),
    ),
    sveVectorLengths: [],
    ipaBits: ipaBitsOf(guestView),
    deviations: [],
  }
}
