import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { LuaFactory, type LuaEngine } from 'wasmoon'
import { parse } from 'yaml'
import { summaryConditions } from '../../src/controller/reconcilers/profile/summary-conditions.ts'
import { LAB_PATHS } from '../harness/lab-paths.ts'

const KEY = 'resource.customizations.health.cpufeatures.dev_CpuFeatureProfile'
const { data } = parse(readFileSync(join(LAB_PATHS.root, 'deploy/argocd/health.yaml'), 'utf8')) as {
  data: Record<string, string>
}

const conditions = (status: 'True' | 'False', reason: string) => {
  const own = { type: 'Schedulable', status, reason, message: `because of ${reason}` }
  return [own, ...summaryConditions([own])]
}

describe("Argo CD's health of a profile", () => {
  let lua: LuaEngine
  before(async () => {
    lua = await new LuaFactory().createEngine()
  })
  after(() => {
    lua.global.close()
  })

  /** As Argo CD asks: the object is the global `obj`, and the script returns status and message. */
  const health = async (status?: object): Promise<{ status: string; message: string }> => {
    lua.global.set('obj', { metadata: { generation: 2 }, ...(status !== undefined && { status }) })
    return (await lua.doString(data[KEY] ?? '')) as { status: string; message: string }
  }

  it('is Progressing until the controller has looked at this generation', async () => {
    assert.equal((await health()).status, 'Progressing')
    const old = { observedGeneration: 1, conditions: conditions('True', 'NodesFit') }
    assert.equal((await health(old)).status, 'Progressing')
  })

  it('is Progressing while nodes have yet to report, and says so', async () => {
    const waiting = { observedGeneration: 2, conditions: conditions('False', 'WaitingForNodes') }
    assert.deepEqual(await health(waiting), { status: 'Progressing', message: 'because of WaitingForNodes' })
  })

  it('is Healthy where nodes fit', async () => {
    const ready = { observedGeneration: 2, conditions: conditions('True', 'NodesFit') }
    assert.equal((await health(ready)).status, 'Healthy')
  })

  it('is Degraded where somebody has to act, with the reason', async () => {
    const stalled = { observedGeneration: 2, conditions: conditions('False', 'UnknownFeature') }
    assert.deepEqual(await health(stalled), { status: 'Degraded', message: 'because of UnknownFeature' })
  })
})
