import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { EventRecorder } from '../../../src/kube/event-recorder.ts'
import type { KubeClient } from '../../../src/kube/kube-client.ts'
import { LaunchTask } from '../../../src/node-agent/launches/launch-task.ts'
import { createLogger } from '../../../src/observability/logger.ts'
import { Metrics } from '../../../src/observability/metrics.ts'
import { ManualClock } from '../../doubles/manual-clock.ts'
import { eventually } from '../../harness/eventually.ts'
import { HolderNode } from '../../harness/holder-process.ts'

/** The tasks of two agents of a node that apply profiles, in one process. */
const agentOf = (node: HolderNode, stateFolder: string) => {
  const clock = new ManualClock()
  const seen = { restarts: 0 }
  const context = {
    clock,
    client: {} as unknown as KubeClient,
    events: {} as unknown as EventRecorder,
    log: createLogger({ level: 'error', component: 'test' }),
    metrics: new Metrics({ version: '0', component: 'test' }),
    nodeName: 'n1',
  }
  const restart = (): void => {
    seen.restarts += 1
  }
  const task = new LaunchTask(context, { runFolder: node.run, stateFolder, restart })
  return { task, clock, seen }
}

const serves = ({ task }: ReturnType<typeof agentOf>): Promise<boolean> =>
  eventually('the agent serves', () =>
    Promise.resolve((task.notReady().length === 0 && !task.standsBy()) || undefined),
  )

describe('an agent that another one has taken over from', () => {
  it('stays Ready and stands by, and begins anew where nobody serves any more', async () => {
    await using node = new HolderNode()
    const stateFolder = mkdtempSync(join(tmpdir(), 'stand-by-'))
    await node.start()
    const [old, next] = [agentOf(node, stateFolder), agentOf(node, stateFolder)]
    old.task.start()
    await serves(old)
    next.task.start()
    await eventually('the one before stands by', () => Promise.resolve(old.task.standsBy() || undefined))
    await serves(next)
    assert.deepEqual(old.task.notReady(), [])
    await old.clock.advance(60_000)
    assert.equal(old.seen.restarts, 0)
    await next.task.stop()
    await old.clock.advance(14_000)
    assert.equal(old.seen.restarts, 0)
    await old.clock.advance(3_000)
    assert.equal(old.seen.restarts, 1)
    await old.task.stop()
    rmSync(stateFolder, { recursive: true })
  })
})
