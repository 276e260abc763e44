import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeptLog } from '../../../../test/doubles/kept-log.ts'
import { ManualClock } from '../../../../test/doubles/manual-clock.ts'
import { NO_REFUSALS } from '../../../../test/doubles/no-refusals.ts'
import { fixtureHost } from '../../../../test/fixtures/host-documents.ts'
import { REPORTS } from '../../../api/resources.ts'
import { hostClass } from '../../../compatibility/host-class.ts'
import { ApiError } from '../../../kube/api-error.ts'
import type { Resource } from '../../../kube/resource.ts'
import type { KubeObject } from '../../../kube/kube-object.ts'
import { ClusterState } from '../../cluster-state.ts'
import { Judgements } from '../../judgements.ts'
import type { ReconcilerContext } from '../../reconciler.ts'
import { NodeLabelsReconciler } from './node-labels-reconciler.ts'

const NODE = {
  metadata: { name: 'n1', uid: 'u1', resourceVersion: '7', labels: { 'cpufeatures.dev/class': 'old' } },
}

type Objects = Readonly<Record<string, readonly object[]>>

/** A cluster of one node, which has a label of ours and no report unless `objects` has others. `answer` answers the patch. */
const reconciler = async (answer: (patch: unknown) => Promise<KubeObject>, objects: Objects = {}) => {
  const all: Objects = { nodes: [NODE], ...objects }
  const stop = new AbortController()
  const client = {
    list: ({ plural }: Resource<KubeObject>) =>
      Promise.resolve({ items: all[plural] ?? [], resourceVersion: '9' }),
    watch: () =>
      new Promise((_resolve, reject) => {
        stop.signal.addEventListener('abort', () => {
          reject(new Error('stopped'))
        })
      }),
    patchMerge: (_resource: unknown, _ref: unknown, patch: unknown) => answer(patch),
  } as unknown as ReconcilerContext['client']
  const [clock, log] = [new ManualClock(), new KeptLog()]
  const state = new ClusterState({ client, clock, log, settingsNamespace: 'cpufeatures-system' })
  const starting = state.start()
  await clock.advance(0)
  await starting
  const context = {
    client,
    state,
    clock,
    log,
    judgements: new Judgements(NO_REFUSALS),
  } as unknown as ReconcilerContext
  return {
    reconciler: new NodeLabelsReconciler(context),
    stop: () => {
      stop.abort()
      return state.stop()
    },
  }
}

describe('writing the labels of a node', () => {
  it('is for the node as it was read: the API server refuses it if anybody has written since', async () => {
    const patches: unknown[] = []
    const { reconciler: labels, stop } = await reconciler((patch) => {
      patches.push(patch)
      return Promise.resolve({ metadata: { name: 'n1', uid: 'u1', resourceVersion: '10' } })
    })
    await labels.reconcile('n1')
    assert.deepEqual(patches, [
      { metadata: { uid: 'u1', resourceVersion: '7', labels: { 'cpufeatures.dev/class': null } } },
    ])
    await labels.reconcile('n1')
    assert.equal(patches.length, 1, 'written again before the watch has shown the first write')
    await stop()
  })

  it('takes our labels from a node that has booted since its agent probed, until it has probed again', async () => {
    const host = fixtureHost('neoverse-v1-6.18')
    const at = (bootID: string) => ({
      nodes: [{ ...NODE, status: { nodeInfo: { bootID } } }],
      [REPORTS.plural]: [
        { metadata: { name: 'n1' }, status: { host: { ...host, kernel: { ...host.kernel, bootID: 'a' } } } },
      ],
    })
    const written = async (bootID: string): Promise<unknown> => {
      let labels: unknown
      const { reconciler: one, stop } = await reconciler((patch) => {
        labels = (patch as KubeObject).metadata.labels
        return Promise.resolve(NODE)
      }, at(bootID))
      await one.reconcile('n1')
      await stop()
      return labels
    }
    assert.deepEqual(await written('b'), { 'cpufeatures.dev/class': null })
    assert.deepEqual(await written('a'), { 'cpufeatures.dev/class': hostClass(host) })
  })

  it('is done where the node has gone', async () => {
    const gone = new ApiError({ status: 404, reason: 'NotFound', message: 'nodes "n1" not found' })
    const { reconciler: labels, stop } = await reconciler(() => Promise.reject(gone))
    assert.equal(await labels.reconcile('n1'), undefined)
    await stop()
  })

  it('is tried again where somebody else was first, and where the server fails', async () => {
    for (const status of [409, 500]) {
      const failure = new ApiError({ status, reason: 'Any', message: 'no' })
      const { reconciler: labels, stop } = await reconciler(() => Promise.reject(failure))
      await assert.rejects(labels.reconcile('n1'), { status })
      await stop()
    }
  })
})
