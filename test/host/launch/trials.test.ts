import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { putProgram } from '../../harness/host-program.ts'
import { connectHost } from '../../harness/lab-session.ts'

describe('a trial of a plan on real KVM', () => {
  let results: Readonly<Record<string, unknown>>
  before(async () => {
    const host = await connectHost('neoverse-v1')
    const program = await putProgram(host, join(import.meta.dirname, 'try-revisions.ts'))
    const { stdout, stderr, exitCode } = await host.run(['node', program])
    assert.equal(exitCode, 0, stderr)
    results = JSON.parse(stdout) as typeof results
  })

  it('passes where the engine predicts a fit: another CPU, lowered fields, firmware, one SVE vector length', () => {
    assert.deepEqual(results['levelled'], { kind: 'applied' })
    assert.deepEqual(results['lengths'], { kind: 'applied' })
  })

  it('names what KVM refuses, with what the vCPU shows and the errno', () => {
    assert.deepEqual(results['raised'], {
      kind: 'refused',
      places: [{ register: 'ID_AA64ISAR0_EL1', field: 'RNDR', wanted: '15', shown: '1', errno: 'EINVAL' }],
    })
    assert.deepEqual(results['otherLengths'], {
      kind: 'refused',
      places: [{ register: 'KVM_REG_ARM64_SVE_VLS', wanted: '256', errno: 'EINVAL' }],
    })
  })

  it('names the vCPU features with which KVM makes no vCPU', () => {
    assert.deepEqual(results['noVcpu'], { kind: 'refused', places: [{ feature: 'mte', errno: 'EINVAL' }] })
  })

  it('leaves no file open', () => {
    assert.equal(results['left'], 0)
  })
})
