import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import type { HostConditionName } from './host-condition.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertEndsWell } from './situation.ts'
import { launchSituations, situationsUnder } from './situations.ts'

const CONDITIONS: readonly HostConditionName[] = [
  'as root with debugfs',
  'as root without debugfs',
  'as an ordinary user, who cannot read debugfs',
  'as an ordinary user where Yama restricts ptrace to descendants',
  'in a pid namespace of its own',
]

for (const [index, condition] of CONDITIONS.entries()) {
  const situations = situationsUnder(condition)
  describe(`under a supervisor that runs ${condition}, a VMM`, () => {
    let launch: ScriptedLaunch
    before(async () => {
      const host = await connectHost('neoverse-v1')
      const plan = await putRevision(host, `situations-${index}`, LEVELLED_PLAN)
      launch = await launchSituations(host, plan, condition)
    })

    for (const situation of situations) {
      const ends =
        situation.refused === undefined && situation.either === undefined
          ? 'shows the plan'
          : 'shows the plan or fails'
      it(`${situation.name}: each vCPU ${ends}`, () => {
        assertEndsWell(launch, situation)
      })
    }

    it('that is refused is refused by name in the record', () => {
      const isRefused = situations.some(({ refused }) => refused !== undefined)
      const reasons = launch.record.refused.map(({ reason }) => reason)
      assert.equal(reasons.includes('ProcessHasRunningVm'), isRefused, reasons.join())
    })
  })
}
