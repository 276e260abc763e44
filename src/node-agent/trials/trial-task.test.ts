import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import { describe, it } from 'node:test'
import { KeptLog } from '../../../test/doubles/kept-log.ts'
import { ManualClock } from '../../../test/doubles/manual-clock.ts'
import { fixtureHost } from '../../../test/fixtures/host-documents.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import type { Plan } from '../../api/plan.ts'
import type { WatchEvent } from '../../kube/watch-stream.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { Metrics } from '../../observability/metrics.ts'
import { revisionName } from '../../plan/revision-name.ts'
import type { TaskContext } from '../task.ts'
import { TrialTask } from './trial-task.ts'
import type { Tried } from './try-plan.ts'

const V1 = fixtureHost('neoverse-v1-6.18')

const revision = (spec: Plan, name = revisionName('fleet', spec)) => ({
  metadata: { name, uid: name, resourceVersion: '1' },
  spec,
})

const FIRST = revision(samplePlan())
const SECOND = revision(samplePlan({ enforcement: 'BestEffort' }))
const UNFIT = revision(samplePlan({ untrapped: { counterFrequency: 1 } }))
const ALTERED = revision(samplePlan({ enforcement: 'BestEffort' }), 'fleet-0123456789')

/** Lets everything that is ready run, trials included. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate()
}

type Events = AsyncGenerator<WatchEvent<KubeObject>>

const started = async (listed: readonly KubeObject[], attempt: () => Tried, isBusy = () => false) => {
  const stop = new AbortController()
  const waiting: WatchEvent<KubeObject>[] = []
  let wake = Promise.withResolvers<undefined>()
  async function* events(): Events {
    while (!stop.signal.aborted) {
      yield* waiting.splice(0)
      await wake.promise
      wake = Promise.withResolvers()
    }
  }
  const client = {
    list: () => Promise.resolve({ items: listed, resourceVersion: '9' }),
    watch: () => Promise.resolve(events()),
  }
  const [clock, log] = [new ManualClock(), new KeptLog()]
  const metrics = new Metrics({ version: 'test', component: 'test' })
  const tried: string[] = []
  const task = new TrialTask({ client, clock, log, metrics } as unknown as TaskContext, {
    isBusy,
    attempt: ({ policy }) => {
      tried.push(policy.enforcement)
      return attempt()
    },
  })
  task.start()
  await settle()
  return {
    ...{ task, tried, log, clock },
    show: async (type: 'ADDED' | 'DELETED', object: KubeObject) => {
      waiting.push({ type, object })
      wake.resolve(undefined)
      await settle()
    },
    end: async () => {
      stop.abort()
      wake.resolve(undefined)
      await task.stop()
    },
  }
}

const APPLIED: Tried = { kind: 'applied' }
const PLACES = [{ register: 'ID_AA64ISAR0_EL1', errno: 'EINVAL' }]
const REFUSED: Tried = { kind: 'refused', places: PLACES }

describe('the trials of a node', () => {
  it('wait for what KVM of the node can show, and are then made once for each revision that should fit', async () => {
    const { task, tried, show, end } = await started([FIRST, UNFIT, ALTERED], () => APPLIED)
    assert.deepEqual([tried, task.findings(), task.notReady()], [[], undefined, []])
    task.probed(V1)
    assert.equal(task.notReady().length, 1)
    await settle()
    assert.deepEqual([tried, task.findings(), task.notReady()], [['Strict'], { refused: [], failed: [] }, []])
    await show('ADDED', SECOND)
    task.probed(V1)
    await show('ADDED', { ...FIRST, metadata: { ...FIRST.metadata, resourceVersion: '20' } })
    assert.deepEqual(tried, ['Strict', 'BestEffort'])
    await end()
  })

  it('wait while threads of VMMs are stopped, and not for ever if the agent ends', async () => {
    let isBusy = true
    const { task, tried, clock, end } = await started(
      [FIRST],
      () => APPLIED,
      () => isBusy,
    )
    task.probed(V1)
    await settle()
    await clock.advance(1000)
    await settle()
    assert.deepEqual(tried, [])
    isBusy = false
    await clock.advance(1000)
    await settle()
    assert.deepEqual(tried, ['Strict'])
    await end()
    const other = await started(
      [FIRST],
      () => APPLIED,
      () => true,
    )
    other.task.probed(V1)
    await settle()
    await other.end()
    assert.deepEqual(other.tried, [])
  })

  it('tell of a refused revision until it is deleted', async () => {
    const { task, show, end } = await started([FIRST], () => REFUSED)
    let told = 0
    task.onChange(() => (told += 1))
    task.probed(V1)
    await settle()
    const refused = [{ revision: FIRST.metadata.name, refused: PLACES }]
    assert.deepEqual(task.findings(), { refused, failed: [] })
    const before = told
    await show('DELETED', FIRST)
    assert.deepEqual(task.findings(), { refused: [], failed: [] })
    assert.ok(told > before)
    await end()
  })

  it('are not made again if they fail, or if our own code does', async () => {
    const failures = [
      () => ({ kind: 'failed', why: 'no memory' }) as const,
      () => {
        throw new Error('a defect')
      },
    ]
    for (const failure of failures) {
      const { task, tried, show, end } = await started([FIRST], failure)
      task.probed(V1)
      await settle()
      await show('ADDED', { ...FIRST, metadata: { ...FIRST.metadata, resourceVersion: '20' } })
      assert.equal(tried.length, 1)
      assert.deepEqual(
        task.findings()?.failed.map(({ why }) => why),
        [failure === failures[0] ? 'no memory' : 'a defect'],
      )
      await end()
    }
  })
})
