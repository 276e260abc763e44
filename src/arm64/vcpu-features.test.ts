import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldRef } from './field-ref.ts'
import { fieldByName, registerByName } from './register.ts'
import { VCPU_FEATURE_FACTS } from './vcpu-feature-table.generated.ts'
import { vcpuFeatureOfField, vcpuFeatureOfInitBit } from './vcpu-features.ts'

const ofField = (register: string, field: string) =>
  vcpuFeatureOfField(fieldRef({ register, field }) ?? assert.fail(field))

describe('a vCPU feature', () => {
  it('names fields that exist', () => {
    for (const { fields } of Object.values(VCPU_FEATURE_FACTS)) {
      for (const [name, field] of fields) {
        const register = registerByName(name) ?? assert.fail(name)
        assert.ok(field === '*' || fieldByName(register, field)?.name === field, `${name}.${field}`)
      }
    }
  })

  it('is found by a field that comes with it, and by its bit of VCPU_INIT', () => {
    assert.equal(ofField('ID_AA64ZFR0_EL1', 'AES'), 'sve')
    assert.equal(ofField('ID_AA64ISAR1_EL1', 'GPI'), 'pointerAuthentication')
    assert.equal(ofField('ID_AA64ISAR0_EL1', 'AES'), undefined)
    assert.equal(vcpuFeatureOfInitBit(3), 'pmu')
    assert.equal(vcpuFeatureOfInitBit(0), undefined)
    assert.equal(vcpuFeatureOfInitBit(31), undefined)
  })
})
