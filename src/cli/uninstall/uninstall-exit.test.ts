import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NeedingPod } from './needing-pod.ts'
import { uninstallExit } from './uninstall-exit.ts'

const POD: NeedingPod = { namespace: 'team', name: 'vm', revisions: [], why: ['it waits'] }

describe('the exit code of an uninstallation', () => {
  it('is 3 only if pods prevented it before anything was deleted', () => {
    assert.equal(uninstallExit({ outcome: 'refused', pods: [POD] }, false), 3)
    for (const outcome of ['stopped', 'holder-stays', 'removed'] as const)
      assert.equal(uninstallExit({ outcome, pods: [POD] }, false), 1, outcome)
  })

  it('is 0 if everything is gone, and if what was asked to stay stays', () => {
    assert.equal(uninstallExit({ outcome: 'removed', pods: [] }, false), 0)
    assert.equal(uninstallExit({ outcome: 'not-installed', pods: [] }, false), 0)
    assert.equal(uninstallExit({ outcome: 'holder-stays', pods: [POD] }, true), 0)
  })

  it('is 1 if pods came on the way that nothing serves, even if it was forced', () => {
    assert.equal(uninstallExit({ outcome: 'removed', pods: [POD] }, true), 1)
  })
})
