import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SECCOMP_NOTIF } from '../../linux/abi/seccomp.ts'
import {
  adoptMessage,
  adoptSocketsMessage,
  helloMessage,
  HOLDER_PROTOCOL,
  LONGEST_MESSAGE,
  MOST_ADOPTED,
  readHolderMessage,
} from './holder-message.ts'

const message = (kind: number, { value = 0, id = 0n, payload = Buffer.alloc(0) } = {}): Buffer => {
  const header = Buffer.alloc(HOLDER_PROTOCOL.header)
  header.writeUInt32LE(kind, 0)
  header.writeUInt32LE(value, 4)
  header.writeBigUInt64LE(id, 8)
  return Buffer.concat([header, payload])
}

const ID = 0xfedc_ba98_0000_0007n

describe('what a holder says', () => {
  it('is an entry with its number and two fds', () => {
    assert.deepEqual(readHolderMessage(message(HOLDER_PROTOCOL.ENTRY, { id: ID }), 2), {
      kind: 'entry',
      id: ID,
    })
  })

  it('is a call that the holder received, as the kernel gave it', () => {
    const payload = Buffer.alloc(SECCOMP_NOTIF.size)
    payload.writeBigUInt64LE(0x1234_5678_9abc_def0n, SECCOMP_NOTIF.id)
    payload.writeUInt32LE(4711, SECCOMP_NOTIF.pid)
    payload.writeInt32LE(29, SECCOMP_NOTIF.nr)
    payload.writeUInt32LE(0xc000_00b7, SECCOMP_NOTIF.arch)
    for (let index = 0; index < 6; index += 1)
      payload.writeBigUInt64LE(0xffff_ffff_4020_ae00n + BigInt(index), SECCOMP_NOTIF.args + 8 * index)
    assert.deepEqual(readHolderMessage(message(HOLDER_PROTOCOL.RECEIVED, { id: ID, payload }), 0), {
      kind: 'received',
      id: ID,
      notification: {
        id: 0x1234_5678_9abc_def0n,
        tid: 4711,
        syscall: 29,
        arch: 0xc000_00b7,
        args: [0n, 1n, 2n, 3n, 4n, 5n].map((index) => 0xffff_ffff_4020_ae00n + index),
      },
    })
  })

  it('may be that it speaks another version', () => {
    assert.deepEqual(readHolderMessage(message(HOLDER_PROTOCOL.REFUSED, { value: 7 }), 0), {
      kind: 'refused',
      version: 7,
    })
  })

  it('is garbled if fds are missing or too many, or if something follows', () => {
    const wrong: readonly (readonly [number, number, number])[] = [
      [HOLDER_PROTOCOL.WELCOME, 0, 0],
      [HOLDER_PROTOCOL.WELCOME, 9, 0],
      [HOLDER_PROTOCOL.ENTRY, 1, 0],
      [HOLDER_PROTOCOL.ENTRY, 3, 0],
      [HOLDER_PROTOCOL.ENTRY, 2, 8],
      [HOLDER_PROTOCOL.RECEIVED, 0, SECCOMP_NOTIF.size - 1],
      [HOLDER_PROTOCOL.RECEIVED, 0, SECCOMP_NOTIF.size + 1],
      [HOLDER_PROTOCOL.RECEIVED, 1, SECCOMP_NOTIF.size],
      [HOLDER_PROTOCOL.COMPLETE, 1, 0],
      [HOLDER_PROTOCOL.NEWCOMER, 0, 1],
    ]
    for (const [kind, fds, bytes] of wrong)
      assert.equal(readHolderMessage(message(kind, { payload: Buffer.alloc(bytes) }), fds).kind, 'garbled')
  })

  it('is garbled if a part of it was cut off', () => {
    assert.equal(readHolderMessage(message(HOLDER_PROTOCOL.ENTRY), 2, false).kind, 'garbled')
  })

  it('is never read wrongly, whatever bytes come', () => {
    const kinds = Object.values(HOLDER_PROTOCOL)
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: LONGEST_MESSAGE }).map((some) => Buffer.from(some)),
      fc
        .tuple(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 2 * SECCOMP_NOTIF.size }))
        .map(([kind, some]) => message(kind, { payload: Buffer.from(some) })),
    )
    fc.assert(
      fc.property(bytes, fc.nat(253), (some, fds) => {
        const read = readHolderMessage(some, fds)
        if (read.kind === 'entry') assert.equal(fds, 2)
        if (read.kind === 'received') assert.equal(some.length, HOLDER_PROTOCOL.header + SECCOMP_NOTIF.size)
      }),
    )
  })
})

describe('what an agent says', () => {
  it('is its version first, and whether it has entries to give', () => {
    assert.equal(helloMessage(false).toString('hex'), `0100000001000000${'0'.repeat(16)}`)
    assert.equal(helloMessage(true).toString('hex'), `0200000001000000${'0'.repeat(16)}`)
  })

  it('is which entries it gives, in a message that is never too long', () => {
    assert.equal(adoptMessage([ID]).toString('hex'), `0400000001000000${'0'.repeat(16)}0700000098badcfe`)
    assert.equal(adoptMessage(Array<bigint>(MOST_ADOPTED).fill(ID)).length, LONGEST_MESSAGE)
    assert.equal(adoptSocketsMessage().length, HOLDER_PROTOCOL.header)
  })
})
