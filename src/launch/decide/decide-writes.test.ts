import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlannedRegister } from '../../plan/planned-register.ts'
import { readPlan } from '../../plan/read-plan.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
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
    const { writes, refusals } = decideWrites(
      [planned(0x10n), { ...planned(0x20n), name: 'ID_AA64ISAR1_EL1' }],
      [shows(0xf10n), shows(0xf10n)],
    )
    assert.deepEqual(
      writes.map(({ wanted, before }) => [wanted, before]),
      [[0xf20n, 0xf10n]],
    )
    assert.deepEqual(refusals, [])
  })

  it('takes a hidden register for zero: no refusal where the plan wants 0', () => {
    assert.deepEqual(decideWrites([planned(0n)], [ENOENT]), { writes: [], refusals: [] })
  })

  it('names a hidden register that the plan wants to be something', () => {
    const { refusals } = decideWrites([planned(1n)], [ENOENT])
    assert.deepEqual(
      refusals.map(({ reason, register }) => [reason, register]),
      [['RegisterHidden', 'ID_AA64ISAR0_EL1']],
    )
  })

  it('names a register that could not be read, even where 0 is planned', () => {
    const { refusals } = decideWrites([planned(0n)], [{ errno: 5, value: undefined }])
    assert.deepEqual(
      refusals.map(({ reason, cause }) => [reason, cause]),
      [['ReadFailed', 'EIO']],
    )
  })

  it('asks KVM for a bit of SVE that the plan wants and a vCPU with SVE lacks, and not where SVE was not asked for', () => {
    const read = readPlan(
      samplePlan({
        registers: [{ register: 'ID_AA64ZFR0_EL1', mask: '0xf00000000000000', value: '0x100000000000000' }],
      }),
    )
    assert.ok(read.kind === 'resolved')
    const { registers } = read.plan
    const written = (pfr0: bigint) =>
      decideWrites(
        registers,
        registers.map(({ name }) => shows(name === 'ID_AA64PFR0_EL1' ? pfr0 : 0n)),
      ).writes.map(({ planned: { name }, wanted }) => [name, wanted])
    assert.deepEqual(written(1n << 32n), [['ID_AA64ZFR0_EL1', 1n << 56n]])
    assert.deepEqual(written(0n), [])
  })
})
