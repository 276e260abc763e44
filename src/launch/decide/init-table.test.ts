import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { initRow, type InitCase } from './init-table.ts'

type Row = readonly [InitCase['vm'], InitCase['state'], whereIdle: string, whereRun: string, planned: string]

/** The table of docs/adr/0015: what becomes of an INIT where no VM has run, where one has, and there with values of each vCPU's own. */
const TABLE: readonly Row[] = [
  ['levelled', 'levelled', 'reset', 'reset', 'reset'],
  ['levelled', 'lengths-pending', 'level', 'join', 'LateVcpuNotLevelled'],
  ['levelled', 'begun', 'level', 'join', 'LateVcpuNotLevelled'],
  ['levelled', 'none', 'level', 'join', 'LateVcpuNotLevelled'],
  ['levelled', 'unlevelled', 'level', 'leave', 'leave'],
  ['none', 'levelled', 'reset', 'reset', 'reset'],
  ['none', 'lengths-pending', 'level', 'ProcessHasRunningVm', 'ProcessHasRunningVm'],
  ['none', 'begun', 'level', 'ProcessHasRunningVm', 'ProcessHasRunningVm'],
  ['none', 'none', 'level', 'ProcessHasRunningVm', 'ProcessHasRunningVm'],
  ['none', 'unlevelled', 'level', 'leave', 'leave'],
  ['unlevelled', 'levelled', 'reset', 'reset', 'reset'],
  ['unlevelled', 'lengths-pending', 'level', 'leave', 'leave'],
  ['unlevelled', 'begun', 'level', 'leave', 'leave'],
  ['unlevelled', 'none', 'level', 'leave', 'leave'],
  ['unlevelled', 'unlevelled', 'level', 'leave', 'leave'],
  ['none', 'unresolvable', 'level', 'VcpuNotSeen', 'VcpuNotSeen'],
]

const told = (one: InitCase): string => {
  const row = initRow(one)
  return row.do === 'cannot' ? row.reason : row.do
}

describe('what becomes of a KVM_ARM_VCPU_INIT', () => {
  for (const [vm, state, whereIdle, whereRun, planned] of TABLE)
    it(`of a vCPU that is ${state}, of a VM that is ${vm}: ${whereIdle}; where a VM has run ${whereRun}, or ${planned}`, () => {
      assert.equal(told({ vm, state, mayHaveRun: false, plansPerVcpu: false }), whereIdle)
      assert.equal(told({ vm, state, mayHaveRun: false, plansPerVcpu: true }), whereIdle)
      assert.equal(told({ vm, state, mayHaveRun: true, plansPerVcpu: false }), whereRun)
      assert.equal(told({ vm, state, mayHaveRun: true, plansPerVcpu: true }), planned)
    })
})
