import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { missingRequirements } from './cluster-requirements.ts'

const ours = new Set([
  'cpufeatureprofiles',
  'cpufeatureprofilebaselines',
  'cpufeatureprofilerevisions',
  'nodecpufeatures',
])
const admission = new Set(['mutatingadmissionpolicies', 'validatingadmissionpolicies'])

describe('what the controller requires of a cluster', () => {
  it('is there in a cluster with our CRDs and the admission API', () => {
    const served = new Map([
      ['cpufeatures.dev/v1alpha1', ours],
      ['admissionregistration.k8s.io/v1', admission],
    ])
    assert.deepEqual(missingRequirements(served), [])
  })

  it('is named with the remedy where it is missing', () => {
    const served = new Map([
      [
        'cpufeatures.dev/v1alpha1',
        new Set(['cpufeatureprofiles', 'cpufeatureprofilebaselines', 'nodecpufeatures']),
      ],
      ['admissionregistration.k8s.io/v1', new Set(['validatingadmissionpolicies'])],
    ])
    const [crds = '', policies = '', ...rest] = missingRequirements(served)
    assert.deepEqual(rest, [])
    assert.match(crds, /does not serve cpufeatureprofilerevisions of cpufeatures.dev\/v1alpha1; apply crds\//)
    assert.match(policies, /mutatingadmissionpolicies .* 1\.36/)
  })

  it('is all missing where nothing is served', () => {
    assert.equal(missingRequirements(new Map()).length, 2)
  })
})
