import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeptLog } from '../../../test/doubles/kept-log.ts'
import { eventually } from '../../../test/harness/eventually.ts'
import { Metrics } from '../../observability/metrics.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { TaskContext } from '../task.ts'
import { AppliedReports } from './applied-reports.ts'
import { ContainerListener } from './container-listener.ts'

const HASH = '0f343b0931126a20f133d67c2b018a3b'

type Told = { uid: string | undefined; name: string; reason: string; type: string }

/** Reports that ask no API server: whatever they ask of it fails the test. */
const reportsTo = (told: Told[]): AppliedReports => {
  const events = {
    record: (
      _resource: unknown,
      { metadata }: { metadata: { uid?: string; name: string } },
      { reason, type }: Told,
    ) => told.push({ uid: metadata.uid, name: metadata.name, reason, type }),
  }
  const context = {
    ...{ clock: systemClock, log: new KeptLog(), events, client: {} },
    metrics: new Metrics({ version: '0', component: 'test' }),
  }
  return new AppliedReports(context as unknown as TaskContext)
}

describe('news of a static pod', () => {
  it('are an event with the UID of its kubelet, by which kubectl finds it, and nothing else', async () => {
    const told: Told[] = []
    const reports = reportsTo(told)
    const pod = { namespace: 'kube-system', name: 'vm-node-a', uid: HASH }
    const container = { id: 'c1', name: 'vmm', pid: 7, pod }
    const listener = new ContainerListener(container, { fd: -1, id: 1n })
    reports.start()
    reports.tell(listener, { kind: 'refused', reason: 'StaticPod', detail: 'profile fleet' })
    await eventually('it is told', () => Promise.resolve(told[0]), { everyMs: 5 })
    reports.end(listener)
    await reports.stop()
    assert.deepEqual(told[0], { uid: HASH, name: 'vm-node-a', reason: 'StaticPod', type: 'Warning' })
  })
})
