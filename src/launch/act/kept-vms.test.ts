import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KeptVms } from './kept-vms.ts'

describe('what is known of the VMs of a process', () => {
  it('is that of the label alone, and grows', () => {
    const vms = new KeptVms()
    vms.keep(1, { features: [2] })
    vms.keep(1, { list: [3n, 4n] })
    assert.deepEqual(vms.get(1), { features: [2], list: [3n, 4n] })
    assert.deepEqual(vms.get(2), {})
    assert.deepEqual([vms.has(1), vms.has(2)], [true, false])
  })

  it('is the same for a successor', () => {
    const vms = new KeptVms()
    vms.keep(1, { features: [2], list: [3n] })
    vms.keep(9, { features: [] })
    const lists: (readonly bigint[])[] = []
    const heir = new KeptVms(
      vms.state((list) => lists.push(list) - 1),
      lists,
    )
    assert.deepEqual([heir.get(1), heir.get(9)], [{ features: [2], list: [3n] }, { features: [] }])
  })

  it('ends with the oldest where a process makes VMs without end', () => {
    const vms = new KeptVms()
    for (let label = 1; label <= 5000; label += 1) {
      vms.keep(label, { features: [] })
      vms.keep(1, { features: [] })
    }
    assert.ok(vms.state(() => 0).length <= 1024)
    assert.deepEqual([vms.has(1), vms.has(2), vms.has(5000)], [true, false, true])
  })
})
