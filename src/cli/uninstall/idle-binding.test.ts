import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { idleBinding, readsSettings } from './idle-binding.ts'

const BINDING = {
  metadata: {
    ...{ name: 'pod-gate.cpufeatures.dev', uid: 'u', resourceVersion: '7' },
    ...{ labels: { 'cpufeatures.dev/installed': '' }, managedFields: [{}] },
  },
  spec: {
    policyName: 'pod-gate.cpufeatures.dev',
    paramRef: { name: 'cpufeatures-settings', namespace: 'n' },
  },
}

describe('a binding that keeps API servers following the settings', () => {
  it('reads what the other one reads, acts nowhere, and has a name of its own and our label', () => {
    const { metadata, spec } = idleBinding(BINDING)
    assert.deepEqual(metadata, {
      name: 'uninstall-pod-gate.cpufeatures.dev',
      labels: { 'cpufeatures.dev/installed': '' },
    })
    assert.deepEqual([spec?.policyName, spec?.paramRef], [BINDING.spec.policyName, BINDING.spec.paramRef])
    const namespaceSelector = {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'DoesNotExist' }],
    }
    assert.deepEqual(spec?.matchResources, { namespaceSelector })
  })

  it('is made only for one that reads settings, and never for one of its own kind', () => {
    assert.equal(readsSettings(BINDING), true)
    assert.equal(readsSettings({ ...BINDING, spec: { policyName: 'x' } }), false)
    assert.equal(readsSettings(idleBinding(BINDING)), false)
  })
})
