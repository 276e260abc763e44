import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ApiError } from '../../kube/api-error.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { revisionName } from '../../plan/revision-name.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { lookUpContainer, type LookUpContext } from './look-up-container.ts'

const PLAN = samplePlan()
const REVISION = revisionName('fleet', PLAN)
const CONTAINER = { id: 'c1', name: 'vm', pid: 7, pod: { namespace: 'default', name: 'vm', uid: 'u1' } }

const pod = (annotations: Record<string, string>): KubeObject => ({
  metadata: {
    name: 'vm',
    namespace: 'default',
    uid: 'u1',
    labels: { 'cpufeatures.dev/profile': 'fleet' },
    annotations,
  },
})

const pinned = pod({ 'cpufeatures.dev/revision': REVISION })

/** A cluster with these objects, by plural and name. */
const cluster = (objects: Record<string, unknown>, isGlassBroken = false): LookUpContext => ({
  client: {
    get: (resource: { plural: string }, { name }: { name: string }) => {
      const found = objects[`${resource.plural}/${name}`]
      if (found instanceof Error) return Promise.reject(found)
      const gone = new ApiError({ status: 404, reason: 'NotFound', message: 'gone' })
      return found === undefined ? Promise.reject(gone) : Promise.resolve(found)
    },
  } as unknown as LookUpContext['client'],
  isGlassBroken: () => Promise.resolve(isGlassBroken),
})

const lookUp = (context: LookUpContext) => lookUpContainer(context, CONTAINER, new AbortController().signal)

const revision = (spec: unknown) => ({ [`cpufeatureprofilerevisions/${REVISION}`]: { metadata: {}, spec } })

describe('looking up a container', () => {
  it('gives the plan to which its pod is pinned', async () => {
    const found = await lookUp(cluster({ 'pods/vm': pinned, ...revision(PLAN) }))
    assert.ok(found.kind === 'level' && found.plan === PLAN && found.revision === REVISION)
  })

  it('refuses a revision that is not what its name says', async () => {
    const altered = { ...PLAN, enforcement: 'BestEffort' }
    const found = await lookUp(cluster({ 'pods/vm': pinned, ...revision(altered) }))
    assert.deepEqual(found, { kind: 'refuse', reason: 'RevisionAltered', detail: REVISION })
  })

  it('refuses where the revision is gone', async () => {
    const found = await lookUp(cluster({ 'pods/vm': pinned }))
    assert.deepEqual(found, { kind: 'refuse', reason: 'RevisionGone', detail: REVISION })
  })

  it('refuses where the pod is gone', async () => {
    assert.deepEqual(await lookUp(cluster({})), { kind: 'refuse', reason: 'PodGone', detail: 'uid u1' })
  })

  it('asks for the break-glass only where the pod was never pinned', async () => {
    assert.deepEqual(await lookUp(cluster({ 'pods/vm': pod({}) }, true)), {
      kind: 'pass',
      why: 'break-glass',
    })
    assert.equal((await lookUp(cluster({ 'pods/vm': pod({}) }))).kind, 'refuse')
    assert.equal((await lookUp(cluster({ 'pods/vm': pinned, ...revision(PLAN) }, true))).kind, 'level')
  })

  it('decides nothing where the API server does not answer', async () => {
    const away = new ApiError({ status: 0, reason: 'Unreachable', message: 'away' })
    await assert.rejects(lookUp(cluster({ 'pods/vm': away })), away)
    await assert.rejects(
      lookUp(cluster({ 'pods/vm': pinned, [`cpufeatureprofilerevisions/${REVISION}`]: away })),
      away,
    )
  })
})
