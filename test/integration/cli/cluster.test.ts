import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { assertGolden } from '../../golden/golden-file.ts'
import { startControlPlane } from '../../harness/control-plane.ts'
import type { ControlPlane } from '../../harness/control-plane.ts'
import { installCrds } from '../../harness/install-crds.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { fixtureHostFile, profileOf, runVerb } from './run-verb.ts'
import type { VerbResult } from './run-verb.ts'

const API_VERSION = 'cpufeatures.dev/v1alpha1'
const N2 = fixtureHostFile('neoverse-n2-6.18')

const FLEET = profileOf({
  base: { nodes: { selector: { matchLabels: { pool: 'vms' } } } },
  implementation: { midr: 'FromBaseline' },
  tolerate: { features: ['FEAT_IDST'] },
})

/** Mistakes in the cluster, or in the request. */
const MISTAKES: readonly (readonly string[])[] = [
  ['check', 'nobody'],
  ['check', 'revision/nobody-0123456789'],
  ['check', 'node/n1'],
  ['explain', 'node/nobody'],
  ['explain', 'node/dark'],
  ['explain', 'FEAT_RNG', '--hosts', 'node/dark'],
  ['diff', 'profile/fleet', 'node/n1'],
  ['diff', 'node/dark', 'node/n1'],
  ['plan', '--drain', 'nobody'],
]

describe('with a cluster, the command line', () => {
  let controlPlane: ControlPlane
  let revision: string

  const run = (...args: readonly string[]): VerbResult =>
    runVerb([...args, '--kubeconfig', controlPlane.adminKubeconfig])

  const answer = (...args: readonly string[]): string => {
    const { status, stdout, stderr } = run(...args)
    assert.ok(status === 0 || (status === 1 && args[0] === 'diff'), `${args.join(' ')}: ${stderr}`)
    return stdout
  }

  const create = (object: object): Promise<string> =>
    controlPlane.kubectl(['create', '-f', '-'], JSON.stringify(object))

  const addNode = async (name: string, fixture?: string): Promise<void> => {
    await controlPlane.makeReadyNode(name, { pool: 'vms' })
    await create({ apiVersion: API_VERSION, kind: 'NodeCpuFeatures', metadata: { name } })
    if (fixture === undefined) return
    const host: unknown = JSON.parse(readFileSync(join(LAB_PATHS.root, fixtureHostFile(fixture)), 'utf8'))
    const patch = ['patch', 'ncf', name, '--type=merge', '--subresource=status']
    await controlPlane.kubectl([...patch, '-p', JSON.stringify({ status: { host } })])
  }

  before(async () => {
    controlPlane = await startControlPlane()
    await installCrds(controlPlane)
  })
  after(() => controlPlane.stop())

  it('says what is wrong, where there is nothing yet', () => {
    const { status, stderr } = run('baseline')
    assert.equal(status, 2)
    assertGolden('cluster-empty.txt', [{ title: 'baseline (ends with 2)', text: stderr }])
  })

  it('reads profile and nodes, as the controller would', async () => {
    await addNode('n1', 'neoverse-n1-6.18')
    await addNode('v1', 'neoverse-v1-6.18')
    await addNode('n2', 'neoverse-n2-6.18')
    await create(FLEET)
    const compiled = answer('compile', 'fleet')
    revision = /^ {2}name: (fleet-[0-9a-f]{10})$/m.exec(compiled)?.[1] ?? assert.fail(compiled)
    await controlPlane.kubectl(['create', '-f', '-'], compiled)
    assert.match(answer('check', 'fleet'), /^REACH: 3 of 3 pairs both ways$/m)
    assert.match(answer('check', `revision/${revision}`), /^REACH: 3 of 3 pairs both ways$/m)
    assert.match(answer('baseline', '--midr', '--tolerate', 'FEAT_IDST'), /^REACH: 3 of 3 pairs both ways$/m)
  })

  it('takes single nodes for hosts', () => {
    const text = answer('check', 'fleet', '--hosts', 'node/v1', N2)
    assert.match(text, / v1 /)
    assert.match(text, / neoverse-n2-6\.18 /)
    assert.doesNotMatch(text, / n1 /)
  })

  it('explains nodes, profiles and revisions by name, and features as all nodes have them', () => {
    assert.match(answer('explain', 'node/v1'), /^CPU +Neoverse-V1/m)
    const plan = answer('explain', 'profile/fleet')
    assert.match(plan, /^MIDR_EL1 /m)
    assert.equal(answer('explain', `revision/${revision}`), plan.slice(0, plan.lastIndexOf('\n\n') + 1))
    const feature = answer('explain', 'FEAT_RNG', '--nodes')
    assert.match(feature, /^on host +n1: absent$/m)
    assert.match(feature, /^on host +v1: present, KVM can hide it$/m)
    assert.match(answer('explain', 'FEAT_RNG', '--hosts', 'node/n2'), /^on host +n2: present/m)
  })

  it('says in what two nodes differ, and what a revision changes on one', () => {
    assert.match(answer('diff', 'node/n1', 'node/v1'), /^ID_AA64ISAR0_EL1 +RNDR +0x0 +0x1 +FEAT_RNG, rng$/m)
    assert.match(answer('diff', 'node/v1', `revision/${revision}`), /^ID_AA64ISAR0_EL1 +RNDR +0x1 +0x0 /m)
    assert.equal(answer('diff', 'node/n2', 'node/n2'), '')
  })

  it('says what is wrong with what was asked of the cluster', async () => {
    await addNode('dark')
    const entries = MISTAKES.map((args) => {
      const { status, stderr } = run(...args)
      assert.equal(status, 2, args.join(' '))
      return { title: `${args.join(' ')} (ends with 2)`, text: stderr }
    })
    assertGolden('cluster-errors.txt', entries)
  })
})
