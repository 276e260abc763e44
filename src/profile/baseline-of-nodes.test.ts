import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { cpuFeatureProfileSpec } from '../api/cpu-feature-profile.ts'
import type { Baseline, CpuFeatureProfileSpecInput } from '../api/cpu-feature-profile.ts'
import { hostDocument } from '../api/host-document.ts'
import type { Plan } from '../api/plan.ts'
import type { ClassifiedHost } from './classified-host.ts'
import { compileProfile } from './compile-profile.ts'
import type { CompileInput, CompileResult } from './compile-result.ts'
import { revisionName } from './revision-name.ts'

const host = (name: string): ClassifiedHost => {
  const text = readFileSync(new URL(`../../test/fixtures/hosts/${name}.json`, import.meta.url), 'utf8')
  return { class: name, nodes: 1, host: hostDocument.parse(JSON.parse(text)), selected: true }
}

const V1 = host('neoverse-v1-6.18')
const N1 = host('neoverse-n1-6.18')
const N2 = host('neoverse-n2-6.18')
const N2_1GHZ = host('neoverse-n2-1ghz-6.18')

const compile = (
  input: Partial<CpuFeatureProfileSpecInput>,
  hosts: readonly ClassifiedHost[] = [],
  more: Omit<CompileInput, 'spec' | 'hosts'> = {},
): CompileResult =>
  compileProfile({ spec: cpuFeatureProfileSpec.parse({ base: { nodes: {} }, ...input }), hosts, ...more })

const MIDR = { implementation: { midr: 'FromBaseline' } } as const
const IDST = { tolerate: { features: ['FEAT_IDST'] } }

const compiled = (result: CompileResult): Extract<CompileResult, { kind: 'compiled' }> => {
  assert.equal(result.kind, 'compiled', JSON.stringify(result))
  return result
}

const message = (result: CompileResult, reason: string): string => {
  assert.ok('reason' in result, result.kind)
  assert.equal(result.reason, reason)
  return result.message
}

const baselineOf = (result: CompileResult): Baseline => {
  const { baseline } = compiled(result)
  assert.ok(baseline)
  return baseline
}

const valueOf = ({ registers }: Plan, name: string): string | undefined =>
  registers.find(({ register }) => register === name)?.value

describe('the baseline of base nodes', () => {
  it('waits for minNodes and for every selected node', () => {
    const spec = { base: { nodes: { minNodes: 3 } } }
    assert.match(message(compile(spec, [V1, N2]), 'WaitingForNodes'), /2 selected nodes .*minNodes is 3/)
    assert.match(message(compile({}, [V1], { unreported: 2 }), 'WaitingForNodes'), /2 of 3 selected nodes/)
    assert.equal(compile(spec, [{ ...V1, nodes: 3 }]).kind, 'compiled')
    assert.equal(compile({}, [{ ...V1, selected: false }]).kind, 'waiting')
  })

  it('is kept while the generation is, whatever nodes come and go', () => {
    const first = compiled(compile(MIDR, [V1, N2]))
    const { baseline } = first
    assert.ok(baseline)
    for (const hosts of [[V1], [N2], [], [V1, N2, N1], [N1]]) {
      const again = compiled(compile(MIDR, hosts, { previousBaseline: baseline, unreported: 5 }))
      assert.equal(revisionName('p', again.plan), revisionName('p', first.plan))
      assert.deepEqual(again.baseline, baseline)
    }
  })

  it('is taken anew when the generation is raised', () => {
    const previousBaseline = baselineOf(compile(MIDR, [V1, N2]))
    const spec = { ...MIDR, base: { nodes: { generation: 2 } } }
    const { plan, baseline } = compiled(compile(spec, [V1], { previousBaseline }))
    assert.equal(baseline?.generation, 2)
    assert.equal(plan.implementation?.midr, '0x411fd402')
  })

  it('is lowered for a new class where the profile says so, and never raised', () => {
    const spec = { ...MIDR, ...IDST, base: { nodes: { onNewNode: 'Lower' as const } } }
    const previousBaseline = baselineOf(compile(spec, [V1]))
    const lowered = compiled(compile(spec, [V1, N1], { previousBaseline }))
    assert.equal(valueOf(lowered.plan, 'ID_AA64ISAR0_EL1'), '0x100010211120')
    assert.deepEqual(lowered.baseline?.classes, ['neoverse-n1-6.18', 'neoverse-v1-6.18'])
    assert.equal(lowered.plan.implementation?.midr, '0x411fd402')
    const back = compiled(compile(spec, [V1], { previousBaseline: baselineOf(lowered) }))
    assert.deepEqual(back.plan, lowered.plan)
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
