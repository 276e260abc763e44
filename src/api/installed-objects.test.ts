import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { installationProblem } from './installed-objects.ts'

const POLICY = { kind: 'ValidatingAdmissionPolicy', name: 'pod-guard.cpufeatures.dev' }
const of = (annotations?: Record<string, string>) => ({ metadata: { name: POLICY.name, annotations } })

describe('an object on which controller and node-agents rest', () => {
  it('is in order if it is of their own version', () => {
    assert.equal(installationProblem(POLICY, of({ 'cpufeatures.dev/version': '1.2.3' }), '1.2.3'), undefined)
  })

  it('is named with the remedy if it is missing, of another version, or of nobody knows which', () => {
    const of_ = (found: Parameters<typeof installationProblem>[1]) =>
      installationProblem(POLICY, found, '1.2.3')
    assert.equal(
      of_(undefined),
      'ValidatingAdmissionPolicy pod-guard.cpufeatures.dev is missing; apply deploy/ of version 1.2.3',
    )
    assert.match(of_(of({ 'cpufeatures.dev/version': '1.2.2' })) ?? '', / is of version 1\.2\.2; apply/)
    assert.match(of_(of()) ?? '', / is of version unknown; apply/)
  })
})
