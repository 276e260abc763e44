import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fixtureClass } from '../../../test/fixtures/host-documents.ts'
import { cpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import type { ClassifiedHost } from './classified-host.ts'
import { leftOutNotes, membersOf } from './member.ts'
import type { Members } from './member.ts'
import { resolveSpec } from '../spec/resolve-spec.ts'

const members = (hosts: readonly ClassifiedHost[]): Members => {
  const resolved = resolveSpec(cpuFeatureProfileSpec.parse({ base: { nodes: {} } }))
  assert.ok(resolved.kind === 'resolved')
  return membersOf(hosts, resolved)
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
})
