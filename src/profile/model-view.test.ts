import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { cpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import { hostDocument } from '../api/host-document.ts'
import { verdict } from '../compatibility/verdict.ts'
import { registerByName } from '../arm64/register.ts'
import { compileProfile } from './compile-profile.ts'
import type { CompileResult } from './compile-result.ts'
import { MODEL_CATALOGUE } from './model-catalogue.generated.ts'

const host = (name: string) =>
  hostDocument.parse(
    JSON.parse(readFileSync(new URL(`../../test/fixtures/hosts/${name}.json`, import.meta.url), 'utf8')),
  )

const compile = (name: string, more: object = {}): CompileResult =>
  compileProfile({ spec: cpuFeatureProfileSpec.parse({ base: { model: { name } }, ...more }), hosts: [] })

const MIDR = { implementation: { midr: 'FromBaseline' } }

describe('base model', () => {
  it('fits the host that the model was measured on, as it is', () => {
    for (const model of ['neoverse-n1', 'neoverse-v1', 'neoverse-n2', 'cortex-a72']) {
      const result = compile(`${model}-v1`, MIDR)
      assert.ok(result.kind === 'compiled', JSON.stringify(result))
      assert.equal(verdict(result.plan, host(`${model}-6.18`)).kind, 'compatible', model)
    }
  })

  it('shows the MIDR_EL1 of the model where the profile asks for it', () => {
    const result = compile('graviton3-v1', MIDR)
    assert.ok(result.kind === 'compiled')
    assert.equal(result.plan.implementation?.midr, '0x411fd401')
    const without = compile('graviton3-v1')
    assert.equal(without.kind === 'compiled' && without.plan.implementation, undefined)
  })

  it('takes features away as any base does', () => {
    const result = compile('neoverse-v1-v1', { features: [{ name: 'FEAT_RNG', state: 'Disabled' }] })
    assert.ok(result.kind === 'compiled')
    const isar0 = result.plan.registers.find(({ register }) => register === 'ID_AA64ISAR0_EL1')
    assert.equal(BigInt(isar0?.value ?? '-1') >> 60n, 0n)
  })

  it('offers the nearest names for one that is unknown', () => {
    const result = compile('neoverse-n1')
    assert.ok(result.kind === 'not-accepted')
    assert.equal(result.reason, 'UnknownModel')
    assert.match(result.message, /neoverse-n1-v1/)
  })

  it('has registers that there are, in every model', () => {
    for (const { name, registers } of MODEL_CATALOGUE)
      for (const register of Object.keys(registers))
        assert.ok(registerByName(register), `${name} ${register}`)
  })
})
