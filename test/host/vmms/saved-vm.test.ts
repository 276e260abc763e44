import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import { assertAllLevelled } from './vmm-launch.ts'

describe('a VMM that writes registers itself', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'saved', LEVELLED_PLAN)
  })

  it('after us is reported as different, by register, and goes on', async () => {
    // It stays until it was looked at, however long that takes.
    await host.run(['rm', '-f', '/tmp/saved-looked', `${plan}.record.json`])
    const { attempts, record, stderr } = await launchScript(
      host,
      plan,
      `(wait_for '"different"' ${plan}.record.json; touch /tmp/saved-looked) &
       try it /opt/vmm/vmm --write-after --hold-until /tmp/saved-looked`,
    )
    assert.equal(attempts.get('it')?.exitCode, 0, stderr)
    assert.equal(record.outcome, 'different', stderr)
    assert.deepEqual(
      record.verification?.different.map(({ register }) => register),
      ['ID_AA64ISAR0_EL1'],
    )
    assert.match(stderr, /DIFFERENT ID_AA64ISAR0_EL1 wanted/)
  })

  it('all of them, as a levelled VM had them, into a new one: each is taken, and it shows the plan', async () => {
    const launch = await launchScript(
      host,
      plan,
      `try saves /opt/vmm/vmm --save /tmp/saved-vm
       try restores /opt/vmm/vmm --restore /tmp/saved-vm`,
    )
    const { stdout } = attemptNamed(launch, 'restores')
    const [, saved = '0'] = /"saved":(\d+)/.exec(attemptNamed(launch, 'saves').stdout) ?? []
    assert.ok(Number(saved) > 100)
    assert.match(stdout, new RegExp(`^{"refused":\\[\\],"restored":${saved}}$`, 'm'))
    for (const name of ['saves', 'restores']) assertAllLevelled(attemptNamed(launch, name), 1)
  })
})
