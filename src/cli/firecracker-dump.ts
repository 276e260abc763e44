import { z } from 'zod'
import { toHex64 } from '../api/hex64.ts'
import type { HostDocument } from '../api/host-document.ts'
import { FEATURE_ID_REGISTERS, fieldNamed, registerByKvmId } from '../arm64/register.ts'
import { firmwareRegisterByKvmId } from '../arm64/firmware-registers.ts'
import { getField } from '../arm64/field.ts'
import { listDifference } from '../discovery/list-difference.ts'
import { SHIPPED_REGISTER_LIST } from '../discovery/shipped-register-list.generated.ts'
import { firecrackerTemplate } from './firecracker-template.ts'

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

// Arm ARM, ID_AA64MMFR0_EL1.PARange.
const PARANGE_BITS = [32, 36, 40, 42, 44, 48, 52, 56]

const ipaBitsOf = (view: Readonly<Record<string, string>>): number => {
  const field = fieldNamed('ID_AA64MMFR0_EL1', 'PARANGE')
  const value = view['ID_AA64MMFR0_EL1']
  if (field === undefined || value === undefined) return 40
  return PARANGE_BITS[getField(BigInt(value), field)] ?? 40
}

/**
 * A host document of a dump: what a plain vCPU shows, and nothing that a dump does not tell (masks, capabilities, other vCPU
 * features, the counter), so that verdicts about it are unproven. `masks` are those of a host with the same kernel.
 */
export const hostOfDump = (
  dump: FirecrackerDump,
  masks: HostDocument['writableMasks'] = {},
): HostDocument => {
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
    capabilities: {},
    vcpuFeatures: [],
    writableMasks: masks,
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
