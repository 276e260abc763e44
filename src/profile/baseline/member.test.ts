import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureClass } from '../../../test/fixtures/host-documents.ts'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { ClassifiedHost } from './classified-host.ts'
import { leftOutNotes, membersOf } from './member.ts'
import type { Members } from './member.ts'
import { resolveSpec } from '../spec/resolve-spec.ts'

const members = (hosts: readonly ClassifiedHost[]): Members => {
  const resolved = resolveSpec(cpuFeatureProfileSpec.parse({ base: { nodes: {} } }))
  assert.ok(resolved.kind === 'resolved')
  return membersOf(hosts, resolved)
}

/** A document that tells these registers and no others. */
const telling = (host: HostDocument, guestView: HostDocument['guestView']): HostDocument => {
  const untold = { ...host, guestView, configurations: [] }
  delete untold.registerList
  return untold
}

// 1 GHz and 62.5 MHz; the first has the lower MIDR_EL1.
const ODD = fixtureClass('max-6.18')
const USUAL = ['neoverse-v1-6.18', 'neoverse-n2-6.18'].map((name) => fixtureClass(name))

describe('the members of a baseline', () => {
  it('are the nodes that most share what guests read untrapped, whatever the lowest MIDR_EL1 has', () => {
    for (const hosts of [
      [ODD, ...USUAL],
      [...USUAL, ODD],
    ]) {
      const found = members(hosts)
      assert.deepEqual(found.members.map((one) => one.class).sort(), ['neoverse-n2-6.18', 'neoverse-v1-6.18'])
      assert.match(
        leftOutNotes(found.leftOut).join(),
        /max-6\.18 \(1 node\) is left out .*1000000000 Hz.* there, CNTFRQ_EL0 62500000 Hz/,
      )
    }
  })

  it('are told of once where sixty host classes lack the same', () => {
    const sixty = Array.from({ length: 60 }, (_, index) =>
      fixtureClass('neoverse-v1-6.18', { class: `c${index}` }),
    )
    const resolved = resolveSpec(
      cpuFeatureProfileSpec.parse({
        base: { nodes: {} },
        features: [{ name: 'FEAT_MOPS', state: 'Required' }],
      }),
    )
    assert.ok(resolved.kind === 'resolved')
    assert.deepEqual(leftOutNotes(membersOf(sixty, resolved).leftOut), [
      'host classes c0, c1, c10 and 57 more (60 nodes) are left out of the baseline: it does not have FEAT_MOPS, ' +
        'which the profile requires',
    ])
  })

  it('are counted by node, not by class', () => {
    const found = members([{ ...ODD, nodes: 3 }, ...USUAL])
    assert.deepEqual(
      found.members.map((one) => one.class),
      ['max-6.18'],
    )
  })

  it('are those of the reference member where as many nodes differ', () => {
    const [first, second] = USUAL
    assert.ok(first && second)
    const found = members([first, ODD])
    assert.deepEqual(
      found.members.map((one) => one.class),
      ['max-6.18'],
    )
    assert.equal(members([first, second]).members.length, 2)
  })

  it('are none of whose registers nothing is known, so that no view is empty', () => {
    const [known] = USUAL
    assert.ok(known)
    const untold = {
      ...known,
      class: 'untold',
      host: telling(known.host, { MIDR_EL1: known.host.cpu.midr }),
    }
    for (const [hosts, classes] of [
      [[untold], []],
      [[untold, known], [known.class]],
    ] as const) {
      const found = members(hosts)
      assert.deepEqual(
        found.members.map((one) => one.class),
        classes,
      )
      assert.match(leftOutNotes(found.leftOut).join(), /untold .* is left out .* has no ID register/)
    }
  })

  it('tell every register that another host tells, so that none drops out of the view', () => {
    const [known] = USUAL
    assert.ok(known)
    const guestView = { ...known.host.guestView }
    delete guestView['ID_AA64ISAR0_EL1']
    const part = { ...known, class: 'part', host: telling(known.host, guestView) }
    const found = members([part, known])
    assert.deepEqual(
      found.members.map((one) => one.class),
      [known.class],
    )
    assert.match(leftOutNotes(found.leftOut).join(), /part .* is left out .* lacks ID_AA64ISAR0_EL1/)
    assert.equal(members([part, { ...part, class: 'other part' }]).members.length, 2)
  })

  it('are not left out for one that does not tell what guests read untrapped', () => {
    const [first, second] = USUAL
    assert.ok(first && second)
    const host = { ...first.host }
    delete host.counterFrequency
    delete host.dczid
    const found = members([{ ...first, nodes: 9, host }, second])
    assert.deepEqual(
      found.members.map((one) => one.class),
      [second.class],
    )
  })
})
