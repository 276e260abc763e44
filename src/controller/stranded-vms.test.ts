import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostClassEntry as entry, SAMPLE_REVISION as REVISION } from '../../test/fixtures/sample-fleet.ts'
import type { Reach } from '../compatibility/reach.ts'
import type { HostClassEntry } from './host-class-index.ts'
import type { Pod } from './pod.ts'
import { placedVm, strandedVms, type PlacedVm, type Whereabouts } from './stranded-vms.ts'

const vm = (name: string, node: string, revision = 'fleet-1'): PlacedVm => ({
  ...{ namespace: 'team', name, node, revision },
})

/** A fleet of these classes, of which some are unfit, and in which VMs move between two classes in this way. */
const fleet = (
  classes: readonly HostClassEntry[],
  given: { unfit?: readonly HostClassEntry[]; way?: Reach; acceptsOneWay?: boolean } = {},
): Whereabouts => ({
  classes,
  revision: (name) => (name === 'fleet-1' ? REVISION : undefined),
  judge: {
    verdict: (_revision, _plan, host) =>
      given.unfit?.some((one) => one.host === host) === true
        ? { kind: 'incompatible', findings: [] }
        : { kind: 'compatible', tolerated: [] },
    reach: () => given.way ?? { kind: 'both-ways', findings: [] },
  },
  acceptsOneWay: given.acceptsOneWay ?? false,
})

const stranded = (vms: readonly PlacedVm[], where: Whereabouts) =>
  strandedVms(vms, where).map(({ name }) => name)

describe('a VM', () => {
  const a = entry('a', 'n1', 'n2')
  const b = entry('b', 'n3')
  const alone = entry('c', 'n4')

  it('that another node of its own class can take is not stranded', () => {
    assert.deepEqual(stranded([vm('vm', 'n1')], fleet([a, b], { unfit: [b] })), [])
  })

  it('whose revision fits no node but its own is stranded, and so is one that not even its own fits', () => {
    const vms = [vm('two', 'n3'), vm('one', 'n4')]
    assert.deepEqual(stranded(vms, fleet([b, alone], { unfit: [alone] })), ['two'])
    assert.deepEqual(stranded(vms, fleet([b, alone], { unfit: [b, alone] })), ['one', 'two'])
  })

  it('that cannot reach the other nodes is stranded, and what is unknown strands none', () => {
    const at = [vm('vm', 'n3')]
    const oneWay = { kind: 'one-way', direction: 'a-to-b', findings: [] } as const
    assert.deepEqual(stranded(at, fleet([a, b], { way: { kind: 'never', findings: [] } })), ['vm'])
    assert.deepEqual(stranded(at, fleet([a, b], { way: { kind: 'unknown', findings: [] } })), [])
    assert.deepEqual(stranded(at, fleet([a, b], { way: oneWay })), ['vm'])
    assert.deepEqual(stranded(at, fleet([a, b], { way: oneWay, acceptsOneWay: true })), [])
  })

  it('on a node without a report goes wherever its revision fits', () => {
    assert.deepEqual(stranded([vm('vm', 'n9')], fleet([a])), [])
    assert.deepEqual(stranded([vm('vm', 'n9')], fleet([a], { unfit: [a] })), ['vm'])
  })

  it('whose revision is gone is not judged', () => {
    assert.deepEqual(stranded([vm('vm', 'n3', 'fleet-0')], fleet([b])), [])
  })

  it('is that of a bound pod with a revision that has not finished', () => {
    const pod = (spec: object, more: { revision?: string; phase?: string } = {}): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'vm',
        namespace: 'team',
        annotations: { 'cpufeatures.dev/revision': more.revision ?? 'fleet-1' },
      },
      spec,
      ...(more.phase === undefined ? {} : { status: { phase: more.phase } }),
    })
    assert.deepEqual(placedVm(pod({ nodeName: 'n1' })), vm('vm', 'n1'))
    assert.equal(placedVm(pod({})), undefined)
    assert.equal(placedVm(pod({ nodeName: 'n1' }, { revision: 'none' })), undefined)
    assert.equal(placedVm(pod({ nodeName: 'n1' }, { phase: 'Succeeded' })), undefined)
  })
})
