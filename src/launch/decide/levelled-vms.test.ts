import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { LevelledVms } from './levelled-vms.ts'

describe('LevelledVms', () => {
  const levelled = (): LevelledVms => {
    const vms = new LevelledVms()
    vms.add([7], 12, true)
    return vms
  }

  it('knows the vCPU that was levelled in the only VM there is', () => {
    assert.ok(levelled().isLevelledVcpu([7], 12))
    assert.ok(levelled().areAll([7]))
  })

  const doubts: readonly [string, readonly number[] | undefined, number][] = [
    ['another vCPU of its VM', [7], 13],
    ['its fd in the VM that took the place of the first', [8], 12],
    ['its fd where there is another VM beside', [7, 8], 12],
    ['its fd where debugfs cannot be read', undefined, 12],
    ['its fd where no VM is there', [], 12],
  ]
  for (const [name, alive, fd] of doubts)
    it(`is not certain of ${name}`, () => {
      assert.ok(!levelled().isLevelledVcpu(alive, fd))
    })

  it('is not certain of a vCPU that had to be given what KVM keeps for each by itself', () => {
    const vms = levelled()
    vms.add([7], 13, false)
    vms.add([7], 12, false)
    assert.ok(!vms.isLevelledVcpu([7], 13))
    assert.ok(!vms.isLevelledVcpu([7], 12))
    assert.ok(vms.areAll([7]))
  })

  it('learns nothing of a vCPU whose VM it cannot tell', () => {
    const vms = new LevelledVms()
    vms.add([7, 8], 12, true)
    vms.add(undefined, 12, true)
    assert.deepEqual(vms.state(), [])
  })

  it('says whether there is no VM but those that were levelled', () => {
    const vms = levelled()
    vms.add([8], 12, true)
    assert.ok(vms.areAll([7, 8]))
    for (const alive of [undefined, [], [9], [7, 9]]) assert.ok(!vms.areAll(alive))
  })

  it('is the same for a successor', () => {
    const vms = levelled()
    vms.add([8], 13, false)
    assert.deepEqual(new LevelledVms(vms.state()).state(), [
      [7, [12]],
      [8, []],
    ])
  })
})
