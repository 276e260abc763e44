import { toHex64 } from '../../api/hex64.ts'
import type { FirmwareRegister } from '../../api/plan.ts'
import { FIRMWARE_REGISTERS } from '../../arm64/firmware-register-table.generated.ts'
import { commonFirmwareValue } from '../../arm64/firmware-registers.ts'

/**
 * Firmware registers brought together: the PSCI version's minimum, the bitmaps' common bits. Registers that a host does not have
 * are left out, and so are the SMCCC workarounds: they are computed from the host and decide reach (firmware_registers.tsv).
 */
export const commonFirmware = (hosts: readonly ReadonlyMap<string, bigint>[]): FirmwareRegister[] =>
  FIRMWARE_REGISTERS.flatMap((register) => {
    if (register.rule === 'Fixed') return []
    const values = hosts.map((host) => host.get(register.name))
    if (values.includes(undefined)) return []
    const value = commonFirmwareValue(
      register,
      values.filter((entry) => entry !== undefined),
    )
    return value === undefined ? [] : [{ register: register.name, value: toHex64(value) }]
  })
