import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SimulatedVmm, type SimulatedOptions } from '../../../test/doubles/simulated-vmm.ts'
import { ERRNO } from '../../linux/abi/errno.ts'
import { KVM_GET_ONE_REG, KVM_SET_ONE_REG } from '../../linux/abi/kvm.ts'
import type { Script } from './action.ts'
import { ScratchPages } from './scratch-pages.ts'
import { VcpuAccess } from './vcpu-access.ts'

const ID = 0x6030_0000_0013_c030n
const UNREADABLE = { errno: ERRNO.EIO, value: undefined }

/** What a script comes to in a VMM, some of whose calls return 0 and are never made: its own filter says so (SECCOMP_RET_ERRNO). */
const run = <T>(faked: readonly number[], script: (vcpu: VcpuAccess) => Script<T>): T | undefined => {
  const registers = new Map([[ID, 0x11n]])
  const kvm: SimulatedOptions['kvm'] = (_fd, request, argument, memory) => {
    if (faked.includes(request)) return 0n
    const address = memory.read(argument, 16)?.readBigUInt64LE(8) ?? 0n
    const value = Buffer.alloc(8)
    if (request === KVM_SET_ONE_REG) registers.set(ID, memory.read(address, 8)?.readBigUInt64LE() ?? 0n)
    else value.writeBigUInt64LE(registers.get(ID) ?? 0n)
    return request === KVM_SET_ONE_REG || memory.write(address, value) ? 0n : -14n
  }
  const vmm = new SimulatedVmm({ registers: new Map(), kvm })
  return vmm.run(
    (function* (): Script<T> {
      const pages = yield* ScratchPages.map(true)
      assert.ok(pages !== undefined)
      return yield* script(new VcpuAccess(pages, 9))
    })(),
  )
}

describe('the registers of a vCPU', () => {
  it('are read, and written and read back', () => {
    assert.deepEqual(
      run([], (vcpu) => vcpu.read([ID])),
      [{ errno: 0, value: 0x11n }],
    )
    assert.deepEqual(
      run([], (vcpu) => vcpu.write([{ kvmRegisterId: ID, value: 0x10n }])),
      [{ errno: 0, shown: { errno: 0, value: 0x10n } }],
    )
  })

  it('are unreadable where a filter of the VMM answers the read', () => {
    const faked = [KVM_GET_ONE_REG]
    assert.deepEqual(
      run(faked, (vcpu) => vcpu.read([ID])),
      [UNREADABLE],
    )
    const bytes = run(faked, (vcpu) => vcpu.transfer(KVM_GET_ONE_REG, ID, Buffer.alloc(8)))
    assert.deepEqual(bytes, UNREADABLE)
  })

  it('are never taken for written where a filter answers the write, the read, or both', () => {
    const write = (vcpu: VcpuAccess) => vcpu.write([{ kvmRegisterId: ID, value: 0x10n }])
    assert.deepEqual(run([KVM_GET_ONE_REG], write), [{ errno: 0, shown: UNREADABLE }])
    assert.deepEqual(run([KVM_GET_ONE_REG, KVM_SET_ONE_REG], write), [{ errno: 0, shown: UNREADABLE }])
    assert.deepEqual(run([KVM_SET_ONE_REG], write), [{ errno: 0, shown: { errno: 0, value: 0x11n } }])
  })
})
