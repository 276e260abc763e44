import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlannedRegister } from '../../plan/planned-register.ts'
import { decideWrites } from './decide-writes.ts'

const planned = (value: bigint): PlannedRegister => ({
  name: 'ID_AA64ISAR0_EL1',
  kind: 'feature',
  kvmRegisterId: 1n,
  mask: 0xffn,
  value,
  saidBits: 0xffn,
  optionalBits: [],
  ceilings: [],
})
const shows = (value: bigint) => ({ errno: 0, value }) as const
const ENOENT = { errno: 2, value: undefined }

describe('decideWrites', () => {
  it('writes only what differs from the plan', () => {
    const { writes, findings } = decideWrites(
      [planned(0x10n), planned(0x20n)],
      [shows(0xf10n), shows(0xf10n)],
    )
    assert.deepEqual(
      writes.map(({ wanted, before }) => [wanted, before]),
      [[0xf20n, 0xf10n]],
    )
    assert.deepEqual(findings, [])
  })

  it('takes a hidden register for zero: no finding where the plan wants 0', () => {
    assert.deepEqual(decideWrites([planned(0n)], [ENOENT]), { writes: [], findings: [] })
  })

  it('names a hidden register that the plan wants to be something', () => {
    const { findings } = decideWrites([planned(1n)], [ENOENT])
    assert.deepEqual(
      findings.map(({ reason, register }) => [reason, register]),
      [['RegisterHidden', 'ID_AA64ISAR0_EL1']],
    )
  })

  it('names a register that could not be read, even where 0 is planned', () => {
    const { findings } = decideWrites([planned(0n)], [{ errno: 5, value: undefined }])
    assert.deepEqual(
      findings.map(({ reason, limit }) => [reason, limit]),
      [['ReadFailed', 'EIO']],
    )
  })
})
