import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeBpf } from '../abi/bpf.ts'
import { addressOf } from '../ioctl.ffi.ts'
import { filterProgram } from './filter-program.ts'
import { sockFprog } from './sock-fprog.ts'

describe('a filter for seccomp(2)', () => {
  it('points into its own buffer, so that its code is not collected before the call is made', () => {
    const program = filterProgram({ hidden: [170], requests: [0xae01], capabilities: [] })
    const bytes = sockFprog(program)
    assert.equal(bytes.readUInt16LE(0), program.length)
    const offset = Number(bytes.readBigUInt64LE(8) - addressOf(bytes))
    assert.deepEqual(bytes.subarray(offset), encodeBpf(program))
  })
})
