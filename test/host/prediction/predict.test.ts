import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostDocument } from '../../../src/api/host-document.ts'
import type { WriteCase } from '../../../src/prediction/write-case.ts'
import { askKvm, probeWithTrials } from '../../differential/ask-kvm.ts'
import { differentialCases } from '../../differential/differential-cases.ts'
import { DISAGREEMENT_REASONS } from '../../differential/disagreement-reasons.ts'
import { disagreements, disagreementText } from '../../differential/disagreements.ts'
import { connectHost } from '../../harness/lab-session.ts'

/** Each third case: a minute for all of them is too long here; `make differential` has all, on a dozen hosts. */
const SHARE = 3

describe('predictions beside real KVM', () => {
  let host: HostDocument
  let asked: { cases: readonly WriteCase[]; kvm: readonly string[] }

  before(async () => {
    const access = await connectHost('neoverse-v1')
    host = await probeWithTrials(access)
    const cases = differentialCases(host, SHARE)
    asked = { cases, kvm: await askKvm(access, cases) }
  })

  it('agree in every case with the trials of the host', () => {
    assert.ok(asked.cases.length > 10_000)
    assert.equal(asked.kvm.length, asked.cases.length)
    assert.deepEqual(disagreements(host, asked).map(disagreementText), [])
  })

  it('agree by the rules alone but for what no register shows', () => {
    const left = disagreements(host, asked, { rulesOnly: true })
    assert.ok(left.length < asked.cases.length / 1000, `${left.length} of ${asked.cases.length}`)
    for (const one of left) {
      const known = one.fields.some((field) => {
        const [name = ''] = field.split('=')
        return `${one.case.register}.${name}` in DISAGREEMENT_REASONS
      })
      assert.ok(known, disagreementText(one))
    }
  })

  it('have every kind of answer among them', () => {
    const kinds = new Set(asked.kvm.map((text) => text.split(' ')[0]))
    assert.deepEqual([...kinds].sort(), ['accepted', 'refused', 'stored-as'])
  })
})
