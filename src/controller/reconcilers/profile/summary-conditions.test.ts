import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DesiredCondition } from './desired-condition.ts'
import { summaryConditions } from './summary-conditions.ts'

const own = (type: string, status: 'True' | 'False', reason: string): DesiredCondition => ({
  ...{ type, status, reason, message: `${reason}: why` },
})
const ACCEPTED = own('Accepted', 'True', 'Accepted')
const COMPILED = own('Compiled', 'True', 'Compiled')

const summary = (...conditions: DesiredCondition[]): string =>
  summaryConditions(conditions)
    .map(({ type, status, reason }) => `${type}=${status} ${reason}`)
    .join(', ')

describe('what a profile tells tools that know nothing of profiles', () => {
  it('is that it is ready where nodes fit', () => {
    assert.equal(
      summary(ACCEPTED, COMPILED, own('Schedulable', 'True', 'NodesFit')),
      'Ready=True NodesFit, Reconciling=False Settled, Stalled=False NotStalled',
    )
  })

  it('is that it goes on by itself where nodes have yet to report', () => {
    const waiting = own('Compiled', 'False', 'WaitingForNodes')
    assert.equal(
      summary(ACCEPTED, waiting, own('Schedulable', 'False', 'WaitingForNodes')),
      'Ready=False WaitingForNodes, Reconciling=True WaitingForNodes, Stalled=False NotStalled',
    )
    assert.match(
      summary(ACCEPTED, COMPILED, own('Schedulable', 'False', 'NoNodes')),
      /Reconciling=True NoNodes/,
    )
  })

  it('is that somebody has to act where the profile has a mistake, even if nodes fit the last revision', () => {
    assert.equal(
      summary(
        own('Accepted', 'False', 'UnknownFeature'),
        own('Compiled', 'False', 'UnknownFeature'),
        own('Schedulable', 'True', 'NodesFit'),
      ),
      'Ready=False UnknownFeature, Reconciling=False Settled, Stalled=True UnknownFeature',
    )
  })

  it('says why in the words of the condition that decides', () => {
    const [ready] = summaryConditions([ACCEPTED, COMPILED, own('Schedulable', 'False', 'NoCompatibleNode')])
    assert.equal(ready?.message, 'NoCompatibleNode: why')
  })
})
