import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'

const scripted = (host: HostAccess, plan: string, options: string): Promise<ScriptedLaunch> =>
  launchScript(host, plan, `try it /opt/vmm/vmm ${options}`)

const inits = ({ attempts }: ScriptedLaunch): (number | undefined)[] =>
  (attempts.get('it')?.vcpus ?? []).map(({ init }) => init)

/** That the VM which ran when the other was made has left the guest again and again since. */
const assertGoesOn = ({ stdout }: ScriptedLaunch): void => {
  const [, before = '0', after = '0'] = /"runningVmExits":\[(\d+),(\d+)\]/.exec(stdout) ?? []
  assert.ok(Number(after) > Number(before), stdout)
}

describe('a VM made by a process of which one has run', () => {
  let host: HostAccess
  let strict: string
  let bestEffort: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    strict = await putRevision(host, 'running', LEVELLED_PLAN)
    bestEffort = await putRevision(host, 'running-best', { ...LEVELLED_PLAN, enforcement: 'BestEffort' })
  })

  it('is refused by name under Strict, though the first is no longer running', async () => {
    const launch = await scripted(host, strict, '--vms 2')
    assert.deepEqual(inits(launch), [0, -22])
    assert.equal(launch.record.outcome, 'process-has-running-vm')
    assert.match(launch.stderr, /process-has-running-vm/)
  })

  it('is refused by name under Strict while the first runs, and that goes on', async () => {
    const launch = await scripted(host, strict, '--run-while-making')
    assert.deepEqual(inits(launch), [-22])
    assert.equal(launch.record.outcome, 'process-has-running-vm')
    assertGoesOn(launch)
  })

  it('is made unlevelled under BestEffort and reported, while the first goes on', async () => {
    const launch = await scripted(host, bestEffort, '--run-while-making')
    assert.deepEqual(inits(launch), [0])
    assert.notEqual(launch.record.outcome, 'verified')
    assert.deepEqual(
      launch.record.refused.map(({ reason }) => reason),
      ['ProcessHasRunningVm'],
    )
    assertGoesOn(launch)
  })
})
