import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LaunchOutcome, LaunchRecord } from './launch-record.ts'
import { launchEvent } from './launch-event.ts'
import { LAUNCH_OUTCOMES } from './render-launch-record.ts'

const record = (outcome: LaunchOutcome): LaunchRecord => ({
  formatVersion: 1,
  outcome,
  enforcement: 'Strict',
  process: { pid: 12, command: 'vmm' },
  vms: 1,
  vcpus: 1,
  planned: ['ID_AA64ISAR0_EL1'],
  hidden: [],
  registers: [],
  refused: [],
  calls: [],
  steps: [],
})

describe('the event of a launch', () => {
  it('is a warning for every outcome but those that show the plan', () => {
    const normal = (Object.keys(LAUNCH_OUTCOMES) as LaunchOutcome[]).filter(
      (outcome) => launchEvent(record(outcome)).type === 'Normal',
    )
    assert.deepEqual(normal.sort(), ['applied', 'no-vm', 'not-needed', 'verified'])
  })

  it('tells a launch that was refused from one that failed, and names the outcome in its note', () => {
    assert.equal(launchEvent(record('refused')).reason, 'LaunchRefused')
    const frozen = launchEvent(record('vmm-frozen'))
    assert.equal(frozen.reason, 'LaunchFailed')
    assert.match(frozen.note, /^vmm-frozen: /)
    assert.equal(launchEvent(record('different')).reason, 'LaunchDiffers')
  })
})
