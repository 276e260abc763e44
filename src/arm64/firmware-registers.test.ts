import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commonFirmwareValue, firmwareRegisterByKvmId, firmwareRegisterByName } from './firmware-registers.ts'

const register = (name: string) => firmwareRegisterByName(name) ?? assert.fail(name)

describe('a firmware register', () => {
  it('is found by its name and by its id', () => {
    assert.equal(firmwareRegisterByKvmId(0x6030000000160003n)?.name, 'KVM_REG_ARM_VENDOR_HYP_BMAP_2')
    assert.equal(register('KVM_REG_ARM_PSCI_VERSION').kvmRegisterId, 0x6030000000140000n)
    assert.equal(firmwareRegisterByKvmId(0x603000000013c000n), undefined)
  })

  it('of several hosts has the lowest PSCI version, the services all have, or no common value', () => {
    assert.equal(commonFirmwareValue(register('KVM_REG_ARM_PSCI_VERSION'), [0x10003n, 0x10001n]), 0x10001n)
    assert.equal(commonFirmwareValue(register('KVM_REG_ARM_STD_BMAP'), [0b11n, 0b101n]), 0b1n)
    const workaround = register('KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1')
    assert.equal(commonFirmwareValue(workaround, [1n, 1n]), 1n)
    assert.equal(commonFirmwareValue(workaround, [1n, 2n]), undefined)
    assert.equal(commonFirmwareValue(workaround, []), undefined)
  })
})
