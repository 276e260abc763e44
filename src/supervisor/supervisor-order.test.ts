import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { samplePlan } from '../../test/fixtures/sample-plan.ts'
import { readOrder } from './supervisor-order.ts'

const order = { plan: samplePlan({}), quiet: false }

describe('an order of a launcher, whose version may be another', () => {
  it('is served as it was given where every name in it is known', () => {
    const read = readOrder(order)
    assert.ok(read.kind === 'order')
    assert.deepEqual(read.order, order)
    assert.equal(read.policy.enforcement, order.plan.enforcement)
  })

  for (const [what, given, names] of [
    ['a key of its own', { ...order, frozen: true }, /: frozen;/],
    ['a key of its plan', { ...order, plan: { ...order.plan, counters: {} } }, /: plan\.counters;/],
    [
      'a key deep in its plan',
      { ...order, plan: { ...order.plan, untrapped: { cycles: 1 } } },
      /: plan\.untrapped\.cycles;/,
    ],
    [
      'a register',
      { ...order, plan: samplePlan({ registers: [{ register: 'ID_NEW_EL1', mask: '0xf', value: '0x1' }] }) },
      /: ID_NEW_EL1;/,
    ],
    ['a feature', { ...order, plan: samplePlan({ requiredFeatures: ['FEAT_NEW'] }) }, /: FEAT_NEW;/],
    ['nothing that it should', { plan: 1 }, /does not understand/],
  ] as const)
    it(`is refused by name where this version does not know ${what}`, () => {
      const read = readOrder(given)
      assert.ok(read.kind === 'unusable')
      assert.match(read.message, names)
      assert.match(read.message, /use one version of cpufeatures/)
    })
})
