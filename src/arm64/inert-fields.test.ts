import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VcpuFeature } from '../api/vcpu-feature.ts'
import { fieldRef } from './field-ref.ts'
import { INERT_FIELDS } from './inert-field-table.generated.ts'
import { inertDifference } from './inert-fields.ts'
import { fieldByName, registerByName } from './register.ts'

const inert = (
  register: string,
  field: string,
  pair: readonly [a: number, b: number],
  vcpuFeatures?: readonly VcpuFeature[],
) => inertDifference(fieldRef({ register, field }) ?? assert.fail(field), pair, vcpuFeatures)

describe('the table of inert fields', () => {
  it('names fields that exist, each once, with a reason and a source', () => {
    const seen = new Set<string>()
    for (const { register, field, reason, source } of INERT_FIELDS) {
      const found = fieldByName(registerByName(register) ?? assert.fail(register), field)
      assert.equal(found?.name, field, `${register}.${field}`)
      assert.ok(!seen.has(`${register}.${field}`))
      assert.ok(reason.length > 0 && source.length > 0)
      seen.add(`${register}.${field}`)
    }
  })

  it('holds in either order of a pair', () => {
    for (const { register, field } of INERT_FIELDS) {
      for (let a = 0; a < 16; a += 1) {
        for (let b = 0; b < 16; b += 1) {
          assert.equal(inert(register, field, [a, b]), inert(register, field, [b, a]))
        }
      }
    }
  })

  it('tells the part of ECV that EL0 reads from the part that only EL2 has', () => {
    assert.ok(inert('ID_AA64MMFR0_EL1', 'ECV', [1, 2]))
    assert.equal(inert('ID_AA64MMFR0_EL1', 'ECV', [0, 1]), undefined)
    assert.equal(inert('ID_AA64MMFR0_EL1', 'ECV', [2, 3]), undefined)
  })

  it('calls nothing inert that the VM has the vCPU feature for', () => {
    assert.ok(inert('ID_AA64MMFR1_EL1', 'VH', [0, 1], ['sve', 'mte']))
    assert.equal(inert('ID_AA64MMFR1_EL1', 'VH', [0, 1], ['el2']), undefined)
    assert.ok(inert('CTR_EL0', 'TminLine', [0, 4], ['el2']))
    assert.equal(inert('CTR_EL0', 'TminLine', [0, 4], ['mte']), undefined)
  })

  it('does not call inert what a guest can act on', () => {
    for (const field of ['IDS', 'CCIDX', 'AT', 'TTL']) {
      assert.equal(inert('ID_AA64MMFR2_EL1', field, [0, 1]), undefined)
    }
    assert.equal(inert('ID_AA64MMFR1_EL1', 'TWED', [0, 1]), undefined)
    assert.equal(inert('ID_AA64PFR0_EL1', 'FP', [0, 1]), undefined)
  })
})
