import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configurationView } from './configuration-view.ts'
import type { VcpuRegisters } from './vcpu-registers.ts'

const registers = (view: Record<string, bigint>, list: bigint[]): VcpuRegisters => ({
  view: new Map(Object.entries(view)),
  firmware: new Map(),
  list,
})

const plain = registers({ ID_AA64PFR0_EL1: 0x11n, ID_AA64ZFR0_EL1: 0n, CTR_EL0: 4n }, [1n, 2n, 3n])

describe('the view of a vCPU configuration', () => {
  it('names only what differs from the plain one', () => {
    const other = registers({ ID_AA64PFR0_EL1: 0x1_0000_0011n, ID_AA64ZFR0_EL1: 0n, CTR_EL0: 4n }, [
      1n,
      2n,
      3n,
    ])
    assert.deepEqual(configurationView({ vcpuFeatures: ['sve'], implementationId: false }, plain, other), {
      vcpuFeatures: ['sve'],
      differences: { ID_AA64PFR0_EL1: '0x100000011' },
    })
  })

  it('names registers that came and went', () => {
    const other = registers({ ID_AA64PFR0_EL1: 0x11n, CTR_EL0: 4n, GMID_EL1: 5n }, [3n, 4n])
    assert.deepEqual(configurationView({ vcpuFeatures: [], implementationId: true }, plain, other), {
      vcpuFeatures: [],
      implementationId: true,
      differences: { GMID_EL1: '0x5' },
      hidden: ['ID_AA64ZFR0_EL1'],
      registerListAdded: ['0x4'],
      registerListRemoved: ['0x1', '0x2'],
    })
  })
})
