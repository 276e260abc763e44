import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ManualClock } from '../../../test/doubles/manual-clock.ts'
import { VERSION_ANNOTATION } from '../../api/names.ts'
import { ApiError } from '../../kube/api-error.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import { createLogger } from '../../observability/logger.ts'
import { VERSION } from '../../runtime/version.ts'
import { InstallationTask } from './installation-task.ts'

const MISSING = 'pod-seccomp.cpufeatures.dev'

describe('the task that looks at the installation', () => {
  it('is not ready while a policy is missing, keeps what it knows while nobody answers, and sees the policy come', async () => {
    let answer: 'all' | 'without one' | 'none' = 'without one'
    const get = (_resource: unknown, { name }: { name: string }) => {
      if (answer === 'none') return Promise.reject(new Error('no answer'))
      if (answer === 'without one' && name === MISSING)
        return Promise.reject(new ApiError({ status: 404, reason: 'NotFound', message: name }))
      return Promise.resolve({ metadata: { name, annotations: { [VERSION_ANNOTATION]: VERSION } } })
    }
    const clock = new ManualClock()
    const log = createLogger({ level: 'error', component: 'test' })
    const client = { get } as unknown as KubeClient
    const task = new InstallationTask({ client, clock, log })
    assert.match(task.notReady().join(), /not been looked at yet/)
    task.start()
    await clock.advance(0)
    const kinds = ['Policy', 'PolicyBinding'].map(
      (kind) => `ValidatingAdmission${kind} ${MISSING} is missing`,
    )
    const named = task.notReady().map((problem) => problem.split(';')[0])
    assert.deepEqual(named, kinds)
    answer = 'none'
    await clock.advance(120_000)
    assert.equal(task.notReady().length, kinds.length)
    answer = 'all'
    await clock.advance(120_000)
    assert.deepEqual(task.notReady(), [])
    await task.stop()
  })
})
