import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../kube/kube-object.ts'
import { findInstallation } from './installation.ts'
import type { Removal } from './removal.ts'

const ALL = ['cpufeatures-controller', 'cpufeatures-node-agent', 'cpufeatures-holder']

const missing = async (there: readonly string[], metadata: object = {}): Promise<readonly string[]> => {
  const objects = (kind: string): KubeObject[] =>
    there
      .filter((name) => (name === 'cpufeatures-controller' ? 'Deployment' : 'DaemonSet') === kind)
      .map((name) => ({ metadata: { name, namespace: 'ours', ...metadata } }))
  const list = (({ kind }) => Promise.resolve(objects(kind))) as Removal['list']
  return (await findInstallation({ list })).missing
}

describe('of what has to run for a VM pod, it is missing', () => {
  it('nothing in a whole installation', async () => {
    assert.deepEqual(await missing(ALL), [])
  })

  it('whatever is not there', async () => {
    for (const one of ALL) {
      const [found, ...rest] = await missing(ALL.filter((name) => name !== one))
      assert.ok(found?.endsWith(` ${one}`), one)
      assert.deepEqual(rest, [])
    }
  })

  it('what is being deleted', async () => {
    assert.equal((await missing(ALL, { deletionTimestamp: '2026-01-01T00:00:00Z' })).length, 3)
  })
})
