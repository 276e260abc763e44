import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureHost } from '../../test/fixtures/host-documents.ts'
import type { HostDocument } from '../api/host-document.ts'
import { caseAnswers } from './case-answer.ts'

const tried = fixtureHost('neoverse-v1-6.18')
const UNTRIED: HostDocument = { ...tried, deviations: [] }
delete UNTRIED.trials

const PLAIN = { vcpuFeatures: [], implementationId: false }
const isar0 = BigInt(tried.guestView['ID_AA64ISAR0_EL1'] ?? '0')

const isUnproven = (host: HostDocument, value: bigint, rulesOnly = false): boolean | undefined => {
  const answer = caseAnswers(host, { rulesOnly })({
    configuration: PLAIN,
    register: 'ID_AA64ISAR0_EL1',
    value,
  })
  return answer.kind === 'answered' ? answer.unproven : undefined
}

describe('answers from a host document', () => {
  it('are proven for one field at a time, where the host was tried', () => {
    assert.equal(isUnproven(tried, isar0), false)
    assert.equal(isUnproven(tried, isar0 & ~0xf0n), false)
    assert.equal(isUnproven(tried, isar0 & ~0xfff0n), true)
  })

  it('are unproven without trials, or where they are left out', () => {
    assert.equal(isUnproven(UNTRIED, isar0), true)
    assert.equal(isUnproven(tried, isar0, true), true)
  })

  it('are unproven where the document holds fewer deviations than there were', () => {
    assert.equal(isUnproven({ ...tried, trials: { writes: 1000, deviating: 1025 } }, isar0), true)
  })

  it('say that there is no vCPU of a configuration the host has not', () => {
    const configuration = { vcpuFeatures: ['el2'] as const, implementationId: false }
    const answer = caseAnswers(tried)({ configuration, register: 'ID_AA64ISAR0_EL1', value: 0n })
    assert.deepEqual(answer, { kind: 'no-such-vcpu', configuration })
  })
})
