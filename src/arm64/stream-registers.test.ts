import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHosts } from '../../test/fixtures/host-documents.ts'
import { SHIPPED_REGISTER_LIST } from '../discovery/shipped-register-list.generated.ts'
import { CACHE_GEOMETRY_IDS, SLOTS_ID, streamClassOf } from './stream-registers.ts'
import { STREAM_REGISTERS } from './stream-register-table.generated.ts'

/** Every id that KVM gave for any configuration of any fixture. */
const listed = new Set(SHIPPED_REGISTER_LIST)
for (const { registerList, configurations } of fixtureHosts().values()) {
  for (const id of registerList?.added ?? []) listed.add(BigInt(id))
  for (const { registerListAdded = [] } of configurations)
    for (const id of registerListAdded) listed.add(BigInt(id))
}

describe('the registers of a migration stream', () => {
  it('have a class, every one that KVM lists on a fixture in any configuration', () => {
    const byClass = Map.groupBy(listed, streamClassOf)
    assert.deepEqual(byClass.get(undefined), undefined)
    assert.deepEqual(Object.fromEntries([...byClass].map(([name = 'none', ids]) => [name, ids.length])), {
      view: 61,
      free: 349,
      checked: 32,
      host: 1,
    })
  })

  it('are unknown where no table names them', () => {
    assert.equal(streamClassOf(0x6030_0000_0013_f000n), undefined)
    assert.equal(streamClassOf(0x6030_0000_0014_0004n), undefined)
  })

  it('are named once, and say what checks them where KVM does', () => {
    const ids = STREAM_REGISTERS.flatMap((one) => one.ids)
    assert.equal(new Set(ids).size, ids.length)
    for (const one of STREAM_REGISTERS)
      assert.equal(one.class === 'checked', one.checkedBy !== undefined, one.name)
  })

  it('have the cache geometry for each of 14 values of CSSELR_EL1, and the slots of the PMU', () => {
    assert.equal(CACHE_GEOMETRY_IDS.length, 14)
    assert.equal(CACHE_GEOMETRY_IDS[0], 0x6020_0000_0011_0000n)
    assert.equal(streamClassOf(SLOTS_ID), 'checked')
  })
})
