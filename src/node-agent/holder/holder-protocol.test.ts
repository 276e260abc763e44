import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { numberOfState } from '../../launch/decide/vcpu-state.ts'
import { KVM_ARM_VCPU_INIT } from '../../linux/abi/kvm.ts'
import { MOST_FDS } from '../../linux/abi/message.ts'
import { HOLDER_PROTOCOL, MOST_ADOPTED } from './holder-message.ts'

const SOURCE = readFileSync(join(import.meta.dirname, '../../holder/holder.c'), 'utf8')

/** The number that the C program gives a name, by `NAME = 1` or `#define NAME 1`. */
const numberInC = (name: string): number =>
  Number(new RegExp(`\\b${name}(?: =)? (0x[0-9a-f]+|\\d+)u?\\b`).exec(SOURCE)?.[1])

describe('the numbers of the holder', () => {
  it('are those of its agents', () => {
    const { version, header, ...kinds } = HOLDER_PROTOCOL
    assert.equal(numberInC('PROTOCOL_VERSION'), version)
    assert.equal(header, 16)
    for (const [name, number] of Object.entries(kinds)) assert.equal(numberInC(name), number, name)
    assert.equal(numberInC('MOST_ADOPTED'), MOST_ADOPTED)
    assert.equal(numberInC('MOST_FDS'), MOST_FDS)
  })

  it('are those that a supervisor leaves on a vCPU, and those of KVM', () => {
    assert.equal(numberInC('MARK_LEVELLED'), numberOfState('levelled'))
    assert.equal(numberInC('KVM_ARM_VCPU_INIT'), KVM_ARM_VCPU_INIT)
  })
})
