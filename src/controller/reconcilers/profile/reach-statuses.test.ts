import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PlanFinding, ReachFinding } from '../../../api/finding.ts'
import type { HostDocument } from '../../../api/host-document.ts'
import type { Plan } from '../../../api/plan.ts'
import type { Reach } from '../../../compatibility/reach.ts'
import type { HostClassEntry } from '../../host-class-index.ts'
import { samplePlan } from '../../../../test/fixtures/sample-plan.ts'
import { reachStatuses } from './reach-statuses.ts'

const plan = samplePlan()

/** A document is told from another by its release here: the judge below is what the tests are about. */
const entry = (name: string): HostClassEntry => ({
  class: name,
  host: { kernel: { release: name, bootID: '' } } as HostDocument,
  nodes: [`node-${name}`],
  kernel: name,
})

const UNFIT: PlanFinding[] = [{ reason: 'FieldAboveLimit', remedy: 'none' }]
const WHY: ReachFinding[] = [{ reason: 'FieldDiffers', onFrom: '0x0', onTo: '0x1', remedy: 'none' }]
const nameOf = (host: HostDocument) => host.kernel.release

/** Knows the reach of each pair by `a b`; classes named unfit-... fit no plan. */
const judge = (ways: Readonly<Record<string, Reach>>) => ({
  verdict: (_revision: string, _plan: Plan, host: HostDocument) =>
    nameOf(host).startsWith('unfit')
      ? ({ kind: 'incompatible', findings: UNFIT } as const)
      : ({ kind: 'compatible', tolerated: [] } as const),
  reach: (_revision: string, _plan: Plan, a: HostDocument, b: HostDocument) =>
    ways[`${nameOf(a)} ${nameOf(b)}`] ?? ({ kind: 'both-ways', findings: [] } as const),
})

const pairs = (ways: Readonly<Record<string, Reach>>, ...names: string[]) =>
  reachStatuses('r', plan, names.map(entry), judge(ways)).map(
    ({ from, to, reach }) => `${from} ${to} ${reach}`,
  )

describe('the reach that a status shows', () => {
  it('is silent on classes that reach each other', () => {
    assert.deepEqual(pairs({}, 'a', 'b', 'c'), [])
  })

  it('names a pair that never meets once', () => {
    assert.deepEqual(pairs({ 'a b': { kind: 'never', findings: WHY } }, 'a', 'b'), ['a b Never'])
  })

  it('names the open direction of a pair', () => {
    const way = (direction: 'a-to-b' | 'b-to-a') => ({
      'a b': { kind: 'one-way', direction, findings: WHY } as const,
    })
    assert.deepEqual(pairs(way('a-to-b'), 'a', 'b'), ['a b OneWay'])
    assert.deepEqual(pairs(way('b-to-a'), 'a', 'b'), ['b a OneWay'])
  })

  it('leads from every class that fits to one that does not never, and is silent on two that do not', () => {
    assert.deepEqual(pairs({}, 'a', 'b', 'unfit-c', 'unfit-d'), [
      'a unfit-c Never',
      'b unfit-c Never',
      'a unfit-d Never',
      'b unfit-d Never',
    ])
  })

  it('names pairs that fit first, and no more than the API takes', () => {
    const many = Array.from({ length: 40 }, (_, index) => `fit-${index}`)
    const all = pairs({ 'fit-38 fit-39': { kind: 'never', findings: WHY } }, 'unfit-a', 'unfit-b', ...many)
    assert.equal(all.length, 64)
    assert.equal(all[0], 'fit-38 fit-39 Never')
  })
})
