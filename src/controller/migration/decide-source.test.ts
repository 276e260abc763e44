import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../pod.ts'
import { decideSource, type MigrationSource, type SourceFacts } from './decide-source.ts'
import { migrationClaim } from './migration-claim.ts'
import type { Vmi, VmiMigration } from './platform-objects.ts'

const UID = 'vmi-uid'
const MIGRATION = 'migration-uid'
const LABEL = 'kubevirt.io/created-by'

const OWNER = {
  ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name: 'web', uid: UID },
  controller: true,
}

type Changes = { metadata?: object; spec?: object; status?: object }

const pod = (name: string, { metadata, spec, status }: Changes = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...{ name, namespace: 'default', uid: `uid-${name}`, labels: { [LABEL]: UID }, ownerReferences: [OWNER] },
    ...metadata,
  },
  spec: { nodeName: 'n1', ...spec },
  status: { phase: 'Running', ...status },
})

const pinned = (revision: string) => ({
  metadata: { annotations: { 'cpufeatures.dev/revision': revision } },
})

const TARGET: Pod = {
  ...pod('target'),
  metadata: {
    ...pod('target').metadata,
    labels: { [LABEL]: UID, 'kubevirt.io/migrationJobUID': MIGRATION },
    annotations: { 'kubevirt.io/migrationJobName': 'move' },
  },
  spec: { schedulingGates: [{ name: 'cpufeatures.dev/profile' }] },
  status: { phase: 'Pending' },
}

const vmi = (...active: string[]): Vmi => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstance',
  metadata: { name: 'web', uid: UID },
  status: { nodeName: 'n1', activePods: Object.fromEntries(active.map((name) => [`uid-${name}`, 'n1'])) },
})

const migration = (changes: Partial<VmiMigration> = {}): VmiMigration => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachineInstanceMigration',
  metadata: { name: 'move', uid: MIGRATION },
  spec: { vmiName: 'web' },
  ...changes,
})

const decided = (candidates: readonly Pod[], facts: Partial<SourceFacts> = {}): MigrationSource => {
  const claim = migrationClaim(TARGET)
  if (typeof claim !== 'object') assert.fail('it is not a target')
  return decideSource({
    ...{
      pod: TARGET,
      claim,
      candidates: [TARGET, ...candidates],
      vmi: vmi('source'),
      migration: migration(),
    },
    ...facts,
  })
}

const why = (candidates: readonly Pod[], facts: Partial<SourceFacts> = {}): string => {
  const source = decided(candidates, facts)
  return source.kind === 'unknown' ? source.why : assert.fail(JSON.stringify(source))
}

const UNREADABLE = { vmi: 'unreadable', migration: 'unreadable' } as const

describe('the source of a migration', () => {
  it('is the pod in which KubeVirt says that the VM runs, with its revision', () => {
    const source = { kind: 'source', revision: 'fleet-1', node: 'n1' }
    assert.deepEqual(decided([pod('source', pinned('fleet-1'))]), source)
    // A pod that only looks like one of the VM, and one of an earlier migration that has ended.
    const others = [pod('forged', pinned('fleet-2')), pod('earlier', { status: { phase: 'Succeeded' } })]
    assert.deepEqual(decided([...others, pod('source', pinned('fleet-1'))]), source)
  })

  it('has no revision where that pod has none: a fleet that is labelled while it runs can migrate', () => {
    const source = { kind: 'source', revision: 'none', node: 'n1' }
    assert.deepEqual(decided([pod('source')]), source)
    assert.deepEqual(decided([pod('source', pinned('none'))]), source)
  })

  it('is believed to have none only by the word of KubeVirt', () => {
    assert.match(
      why([pod('source')], UNREADABLE),
      /pod source has no revision.*role cpufeatures-machine-reader/,
    )
    const source = { kind: 'source', revision: 'fleet-1', node: 'n1' }
    assert.deepEqual(decided([pod('source', pinned('fleet-1'))], UNREADABLE), source)
  })

  it('is never a pod without a node, that has ended, of another owner, or that KubeVirt does not name', () => {
    const NONE = 'no pod runs that has its VM'
    const unbound = { ...pinned('fleet-1'), spec: { nodeName: undefined } }
    assert.equal(why([pod('source', unbound)], UNREADABLE), NONE)
    assert.equal(why([pod('source', { ...pinned('fleet-1'), status: { phase: 'Failed' } })]), NONE)
    const metadata = { ...pinned('fleet-1').metadata, ownerReferences: [{ ...OWNER, uid: 'another' }] }
    const disowned = pod('source', { metadata })
    assert.equal(why([disowned], UNREADABLE), NONE)
    // Its owner may take labels and owners off it; where KubeVirt says that it has the VM, that counts.
    assert.deepEqual(decided([disowned]), { kind: 'source', revision: 'fleet-1', node: 'n1' })
    assert.equal(why([pod('source', pinned('fleet-1'))], { vmi: vmi('another') }), NONE)
    assert.equal(why([]), NONE)
  })

  it('is not known where two pods of the VM have other revisions', () => {
    const two = [pod('a', pinned('fleet-1')), pod('b', pinned('fleet-2'))]
    assert.equal(why(two, UNREADABLE), 'its VM has several pods: a, b')
    // Whoever owns the VM can make a pod that KubeVirt takes for one of it.
    const made = [pod('source', pinned('fleet-1')), pod('made')]
    assert.equal(why(made, { vmi: vmi('source', 'made') }), 'its VM has several pods: source, made')
  })

  it('is not believed for a VM or a migration that does not exist, or of another uid', () => {
    const source = [pod('source', pinned('fleet-1'))]
    assert.match(why(source, { vmi: 'gone' }), /there is no VirtualMachineInstance web with uid vmi-uid/)
    const another = { ...vmi('source'), metadata: { name: 'web', uid: 'another' } }
    assert.match(why(source, { vmi: another }), /there is no VirtualMachineInstance web/)
    const NO_MIGRATION = /VirtualMachineInstance web has no migration with uid migration-uid/
    assert.match(why(source, { migration: 'gone' }), NO_MIGRATION)
    const later = migration({ metadata: { name: 'move', uid: 'another' } })
    assert.match(why(source, { migration: later }), NO_MIGRATION)
    assert.match(why(source, { migration: migration({ spec: { vmiName: 'db' } }) }), NO_MIGRATION)
  })
})

describe('a pod', () => {
  it('is the target of a migration by its label, if its owner is the VM that its other label names', () => {
    const claim = { vmi: { name: 'web', uid: UID }, migration: { name: 'move', uid: MIGRATION } }
    assert.deepEqual(migrationClaim(TARGET), claim)
    assert.equal(migrationClaim(pod('source')), undefined)
    const { metadata } = TARGET
    assert.equal(migrationClaim({ ...TARGET, metadata: { ...metadata, ownerReferences: [] } }), 'unclear')
    const labels = { ...metadata.labels, [LABEL]: 'another' }
    assert.equal(migrationClaim({ ...TARGET, metadata: { ...metadata, labels } }), 'unclear')
  })
})
