import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MIDR } from '../../../test/fixtures/compile-input.ts'
import { compile, compiled, message, valueOf } from '../../../test/fixtures/compile-result.ts'
import { fixtureHost } from '../../../test/fixtures/host-documents.ts'
import type { CpuFeatureProfileSpecInput } from '../../api/cpu-feature-profile.ts'
import { verdict } from '../../compatibility/verdict.ts'
import { registerByName } from '../../arm64/register.ts'
import type { CompileResult } from '../compile-result.ts'
import { MODEL_CATALOGUE } from './model-catalogue.generated.ts'

const compileModel = (name: string, more: Partial<CpuFeatureProfileSpecInput> = {}): CompileResult =>
  compile({ base: { model: { name } }, ...more })

describe('base model', () => {
  it('fits the host that the model was measured on, as it is', () => {
    for (const model of ['neoverse-n1', 'neoverse-v1', 'neoverse-n2', 'cortex-a72']) {
      const { plan } = compiled(compileModel(`${model}-v1`, MIDR))
      assert.equal(verdict(plan, fixtureHost(`${model}-6.18`)).kind, 'compatible', model)
    }
  })

  it('shows the MIDR_EL1 of the model where the profile asks for it', () => {
    const { plan } = compiled(compileModel('graviton3-v1', MIDR))
    assert.equal(plan.implementation?.midr, '0x411fd401')
    assert.equal(compiled(compileModel('graviton3-v1')).plan.implementation, undefined)
  })

  it('takes features away as any base does', () => {
    const result = compileModel('neoverse-v1-v1', { features: [{ name: 'FEAT_RNG', state: 'Disabled' }] })
    assert.equal(BigInt(valueOf(compiled(result).plan, 'ID_AA64ISAR0_EL1') ?? '-1') >> 60n, 0n)
  })

  it('offers the nearest names for one that is unknown', () => {
    const result = compileModel('neoverse-n1')
    assert.equal(result.kind, 'not-accepted')
    assert.match(message(result, 'UnknownModel'), /neoverse-n1-v1/)
  })

  it('has registers that there are, in every model', () => {
    for (const { name, registers } of MODEL_CATALOGUE)
      for (const register of Object.keys(registers))
        assert.ok(registerByName(register), `${name} ${register}`)
  })
})
