import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ManualClock } from '../../../test/doubles/manual-clock.ts'
import { eventually } from '../../../test/harness/eventually.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import { EventRecorder } from '../../kube/event-recorder.ts'
import { createLogger } from '../../observability/logger.ts'
import { Metrics } from '../../observability/metrics.ts'
import type { Pod } from '../resources.ts'
import { ProfilesTask } from './profiles-task.ts'

const POD: Pod = { metadata: { name: 'agent', uid: 'uid-of-agent' }, status: { containerStatuses: [] } }

const taskIn = (root: string) => {
  const asked: unknown[] = []
  const get = (_resource: unknown, ref: unknown) => {
    asked.push(ref)
    return Promise.resolve(POD)
  }
  const metrics = new Metrics({ version: '0', component: 'test' })
  const client = { get } as unknown as KubeClient
  const clock = new ManualClock()
  const log = createLogger({ level: 'error', component: 'test' })
  const events = new EventRecorder({ client, clock, log, controller: 'c', instance: 'i' })
  const context = { client, clock, events, log, metrics, nodeName: 'n1' }
  const task = new ProfilesTask(context, {
    pod: { name: 'agent', namespace: 'system' },
    ...{ hostRoot: root, kubeletRoot: '/kubelet', folder: join(root, 'seccomp') },
    listenerPath: '/run/cpufeatures/runtime.sock',
  })
  return { task, asked, metrics }
}

const inFolder = async (use: (root: string) => Promise<void>): Promise<void> => {
  const root = await mkdtemp(join(tmpdir(), 'profiles-task-'))
  await mkdir(join(root, 'kubelet/pods/uid-of-agent'), { recursive: true })
  await use(root).finally(() => rm(root, { recursive: true }))
}

describe('the task that keeps seccomp profiles', () => {
  it('is not ready while a profile has a problem, and says which and what helps', () =>
    inFolder(async (root) => {
      const { task, asked, metrics } = taskIn(root)
      assert.deepEqual(task.notReady(), ['the seccomp profiles of VM containers are not installed yet'])
      task.start()
      await eventually('the task looks', () => Promise.resolve(task.notReady().length > 1 || undefined), {
        everyMs: 10,
      })
      await task.stop()
      assert.deepEqual(asked, [{ name: 'agent', namespace: 'system' }])
      assert.equal(task.notReady().length, 8)
      assert.match(
        task.notReady()[0] ?? '',
        /^ReferenceMissing \(reference-unset\): .* What helps: apply the DaemonSet/,
      )
      assert.deepEqual(await readdir(join(root, 'seccomp')), ['unconfined.json'])
      assert.match((await metrics.expose()).text, /^cpufeatures_seccomp_profiles\{state="problem"\} 8$/m)
    }))
})
