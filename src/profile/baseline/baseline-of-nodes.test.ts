import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { baseline } from '../../api/cpu-feature-profile.ts'
import { IDST, MIDR, N1, N2, N2_1GHZ, V1 } from '../../../test/fixtures/compile-input.ts'
import { fixtureClass } from '../../../test/fixtures/host-documents.ts'
import { baselineOf, compile, compiled, message, valueOf } from '../../../test/fixtures/compile-result.ts'
import { revisionName } from '../../plan/revision-name.ts'

/** A V1 with larger cache lines than the others. */
const WIDE_LINES = {
  ...V1,
  class: 'wide-lines',
  host: { ...V1.host, guestView: { ...V1.host.guestView, CTR_EL0: '0xb445c005' } },
}

const AWAY = { waitedFor: ['a', 'b'], silent: [{ node: 'x', why: 'no agent' }] }

describe('the baseline of base nodes', () => {
  it('waits for minNodes and for every selected node', () => {
    const spec = { base: { nodes: { minNodes: 3 } } }
    assert.match(message(compile(spec, [V1, N2]), 'WaitingForNodes'), /2 selected nodes .*minNodes is 3/)
    assert.match(
      message(compile({}, [V1], { unreported: { waitedFor: ['a', 'b'], silent: [] } }), 'WaitingForNodes'),
      /2 of 3 selected nodes .*: a, b\./,
    )
    assert.equal(compile(spec, [{ ...V1, nodes: 3 }]).kind, 'compiled')
    assert.equal(compile({}, [{ ...V1, selected: false }]).kind, 'waiting')
  })

  it('is taken without silent nodes, and names them then and later', () => {
    const unreported = { waitedFor: [], silent: ['x', 'y'].map((node) => ({ node, why: 'no agent' })) }
    const first = compiled(compile(MIDR, [V1, N2], { unreported }))
    assert.match(first.notes.join('\n'), /^nodes x, y are selected and left out of the baseline: no agent$/m)
    const later = compile(MIDR, [V1, N2], { unreported, previousBaseline: baselineOf(first) })
    assert.match(compiled(later).notes.join('\n'), /^nodes x, y /m)
    assert.match(
      message(compile({ base: { nodes: { minNodes: 2 } } }, [V1], { unreported }), 'WaitingForNodes'),
      /minNodes is 2/,
    )
  })

  it('of hosts without one names only sets of them that can show the implementation ID too', () => {
    const classes = ['neoverse-v1-6.12', 'neoverse-v1-6.18', 'neoverse-n2-6.18', 'neoverse-n1-6.18']
    const result = compile(
      MIDR,
      classes.map((name) => fixtureClass(name)),
    )
    assert.match(
      message(result, 'NoCommonView'),
      /that have one: neoverse-n2-6\.18 with neoverse-v1-6\.18, or neoverse-v1-6\.12 with neoverse-v1-6\.18$/,
    )
  })

  it('is kept while the generation is, whatever nodes come and go', () => {
    const first = compiled(compile(MIDR, [V1, N2]))
    const { baseline } = first
    assert.ok(baseline)
    for (const hosts of [[V1], [N2], [], [V1, N2, N1], [N1]]) {
      const again = compiled(compile(MIDR, hosts, { previousBaseline: baseline, unreported: AWAY }))
      assert.equal(revisionName('p', again.plan), revisionName('p', first.plan))
      assert.deepEqual(again.baseline, baseline)
    }
  })

  it('says at every compile which classes are left out of it, and what else there is to say of it', () => {
    for (const onNewNode of ['Exclude', 'Lower'] as const) {
      const spec = { ...MIDR, base: { nodes: { onNewNode } } }
      const hosts = [V1, N2, N2_1GHZ, WIDE_LINES]
      const first = compiled(compile(spec, hosts))
      assert.match(first.notes.join('\n'), /neoverse-n2-1ghz-6\.18 \(1 node\) is left out/)
      assert.match(first.notes.join('\n'), /^CCSIDR_EL1 is left out/m)
      const again = compiled(compile(spec, hosts, { previousBaseline: baselineOf(first) }))
      assert.deepEqual(again.notes, first.notes)
    }
  })

  it('is taken anew when the generation is raised', () => {
    const previousBaseline = baselineOf(compile(MIDR, [V1, N2]))
    const spec = { ...MIDR, base: { nodes: { generation: 2 } } }
    const { plan, baseline } = compiled(compile(spec, [V1], { previousBaseline }))
    assert.equal(baseline?.generation, 2)
    assert.equal(plan.implementation?.midr, '0x411fd402')
  })

  it('is not taken anew for a generation below its own: a profile was created again with an older spec', () => {
    const asks = (generation: number) => ({ ...MIDR, base: { nodes: { generation } } })
    const first = compiled(compile(asks(2), [V1, N2]))
    const previousBaseline = baselineOf(first)
    for (const onNewNode of ['Exclude', 'Lower'] as const) {
      const spec = { ...MIDR, base: { nodes: { generation: 1, onNewNode } } }
      const { plan, baseline, notes } = compiled(compile(spec, [V1, N2], { previousBaseline }))
      assert.deepEqual(plan, first.plan)
      assert.deepEqual(baseline, previousBaseline)
      assert.match(
        notes.join('\n'),
        /of generation 2, and the profile asks for 1.*base\.nodes\.generation above 2/,
      )
    }
    assert.doesNotMatch(
      compiled(compile(asks(2), [V1, N2], { previousBaseline })).notes.join('\n'),
      /generation/,
    )
  })

  it('is lowered for a new class where the profile says so, and never raised', () => {
    const spec = { ...MIDR, ...IDST, base: { nodes: { onNewNode: 'Lower' as const } } }
    const previousBaseline = baselineOf(compile(spec, [V1]))
    const lowered = compiled(compile(spec, [V1, { ...N1, nodes: 2 }], { previousBaseline }))
    assert.equal(valueOf(lowered.plan, 'ID_AA64ISAR0_EL1'), '0x100010211120')
    assert.deepEqual(lowered.baseline?.classes, ['neoverse-n1-6.18', 'neoverse-v1-6.18'])
    assert.equal(lowered.plan.implementation?.midr, '0x411fd402')
    const back = compiled(compile(spec, [V1], { previousBaseline: baselineOf(lowered) }))
    assert.deepEqual(back.plan, lowered.plan)
  })

  it('is not lowered by the report of one node alone, and says what helps', () => {
    const spec = { ...MIDR, ...IDST, base: { nodes: { onNewNode: 'Lower' as const } } }
    const first = compiled(compile(spec, [V1]))
    const once = compiled(compile(spec, [V1, N1], { previousBaseline: baselineOf(first) }))
    assert.deepEqual(once.baseline, first.baseline)
    assert.match(
      once.notes.join('\n'),
      /neoverse-n1-6\.18 stays out.*one node alone.*base\.nodes\.generation/,
    )
  })

  it('takes in a class that can show it as it is, however few nodes report it', () => {
    const spec = { ...MIDR, base: { nodes: { onNewNode: 'Lower' as const } } }
    const first = compiled(compile(spec, [V1, N2]))
    const twin = { ...V1, class: 'twin' }
    const joined = compiled(compile(spec, [V1, N2, twin], { previousBaseline: baselineOf(first) }))
    assert.deepEqual(joined.plan, first.plan)
    assert.ok(joined.baseline?.classes.includes('twin'))
    assert.doesNotMatch(joined.notes.join('\n'), /lowered/)
  })

  it('lists no more classes than a status takes, and forgets those without a node first', () => {
    const spec = { ...MIDR, ...IDST, base: { nodes: { onNewNode: 'Lower' as const } } }
    const first = baselineOf(compile(spec, [V1]))
    const seen = Array.from({ length: 255 }, (_, index) => `0-seen-${String(index).padStart(3, '0')}`)
    const previousBaseline = { ...first, classes: [...seen, V1.class].sort() }
    const next = baselineOf(compile(spec, [V1, { ...N1, nodes: 2 }], { previousBaseline }))
    assert.equal(baseline.safeParse(next).success, true)
    assert.equal(next.classes.length, 256)
    for (const present of [V1.class, N1.class]) assert.ok(next.classes.includes(present))
    const many = Array.from({ length: 300 }, (_, index) => ({ ...V1, class: `class-${index}` }))
    const taken = baselineOf(compile(spec, many))
    assert.equal(baseline.safeParse(taken).success, true)
    // What is not listed is not new at every compile.
    const again = compiled(compile(spec, many, { previousBaseline: taken }))
    assert.deepEqual(again.baseline, taken)
    assert.doesNotMatch(again.notes.join('\n'), /lowered|stays out/)
  })

  it('leaves a new class out where it cannot be lowered to', () => {
    const spec = { ...MIDR, base: { nodes: { onNewNode: 'Lower' as const } } }
    const previousBaseline = baselineOf(compile(spec, [V1]))
    const { baseline, notes } = compiled(compile(spec, [V1, N1, N2_1GHZ], { previousBaseline }))
    assert.deepEqual(baseline, previousBaseline)
    assert.match(notes.join('\n'), /neoverse-n1-6\.18 stays out.*ID_AA64MMFR2_EL1\.IDS/)
    assert.match(notes.join('\n'), /neoverse-n2-1ghz-6\.18/)
  })

  it('loses what comes with a vCPU feature that the profile does not require any more', () => {
    const previousBaseline = baselineOf(compile({ ...MIDR, vcpuFeatures: { sve: 'Required' } }, [V1, N2]))
    const { plan, baseline } = compiled(compile(MIDR, [V1, N2], { previousBaseline }))
    assert.equal(valueOf(plan, 'ID_AA64PFR0_EL1'), '0x1101000020110112')
    assert.deepEqual(baseline, previousBaseline)
  })

  it('is refused when it rests on a difference that is not tolerated any more', () => {
    const previousBaseline = baselineOf(compile({ ...MIDR, ...IDST }, [V1, N1]))
    const result = compile(MIDR, [V1, N1], { previousBaseline })
    assert.deepEqual(
      result.kind === 'not-compiled' && result.findings.map(({ reason, field }) => [reason, field]),
      [['NotTolerated', 'IDS']],
    )
  })
})
