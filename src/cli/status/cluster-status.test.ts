import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Condition } from '../../api/condition.ts'
import { statusTable } from '../output/status-table.ts'
import type { ClusterFacts } from './cluster-facts.ts'
import { clusterStatus } from './cluster-status.ts'

const condition = (type: string, status: 'True' | 'False', message = `${type} says so`): Condition => ({
  ...{ type, status, reason: 'Reason', message, lastTransitionTime: '2026-01-01T00:00:00Z' },
})
const SERVING = [condition('Probed', 'True'), condition('Serving', 'True'), condition('TrialsPassed', 'True')]

const WELL: ClusterFacts = {
  installation: [],
  components: ['controller', 'node-agent', 'holder'].map((name) => ({
    ...{ namespace: 'ours', name: `cpufeatures-${name}`, ready: 2, wanted: 2 },
  })),
  leader: 'controller-a',
  nodes: ['n1', 'n2'],
  reports: ['n1', 'n2'].map((name) => ({ name, conditions: SERVING })),
  profiles: [{ name: 'fleet', conditions: [condition('Ready', 'True')], revision: 'fleet-0', nodes: '2/2' }],
  pods: [
    {
      metadata: { name: 'vm', namespace: 'team' },
      spec: { nodeName: 'n1' },
      status: { conditions: [condition('cpufeatures.dev/Applied', 'True')] },
    },
  ],
}

const problems = (change: Partial<ClusterFacts>): readonly string[] =>
  clusterStatus({ ...WELL, ...change }).problems.map(({ about, what }) => `${about}: ${what}`)

describe('the status of a cluster', () => {
  it('has no problem where all is well, and counts nodes and pods', () => {
    const status = clusterStatus(WELL)
    assert.deepEqual(status.problems, [])
    assert.deepEqual(status.nodes, { arm64: 2, reported: 2, probed: 2, serving: 2 })
    assert.deepEqual(status.pods, { levelled: 1 })
    assert.equal(statusTable(status, false).at(-1), 'No problem found.')
  })

  it('says one thing where nothing is installed, and how to install it', () => {
    const nothing = clusterStatus({
      ...{ installation: ['CustomResourceDefinition x is missing'], components: [], nodes: ['n1'] },
      ...{ reports: [], profiles: [], pods: [] },
    })
    assert.deepEqual(nothing.problems, [
      {
        about: 'cluster',
        what: 'cpufeatures does not run in this cluster',
        remedy: 'install it: docs/how-to/install.md',
      },
    ])
  })

  it('names what is missing of the installation, and whose pods are not Ready', () => {
    const [controller, ...others] = WELL.components
    assert.ok(controller !== undefined)
    assert.deepEqual(
      problems({
        installation: ['ValidatingAdmissionPolicy x is missing; apply deploy/'],
        components: [{ ...controller, ready: 1 }, ...others],
      }),
      [
        'installation: ValidatingAdmissionPolicy x is missing; apply deploy/',
        'cpufeatures-controller: 1 of 2 pods are Ready',
      ],
    )
  })

  it('notices that no controller leads, and that break-glass is on', () => {
    const { leader, ...leaderless } = WELL
    assert.equal(leader, 'controller-a')
    const found = clusterStatus({ ...leaderless, breakGlass: 'QEMU hangs' }).problems
    assert.deepEqual(
      found.map(({ about }) => about),
      ['cpufeatures-controller', 'break-glass'],
    )
    assert.match(found[1]?.what ?? '', /QEMU hangs/)
    assert.match(found[1]?.remedy ?? '', /-n ours cpufeatures\.dev\/break-glass-$/)
  })

  it('names nodes without a report, and puts those together that say the same', () => {
    const failing = ['n2', 'n3'].map((name) => ({
      ...{ name, conditions: [condition('Probed', 'True'), condition('Serving', 'False', 'no socket')] },
    }))
    assert.deepEqual(problems({ nodes: ['n1', 'n2', 'n3'], reports: failing }), [
      '1 node (n1): no node-agent has reported from there',
      '2 nodes (n2, n3): Serving is False: no socket',
    ])
  })

  it('takes a node without KVM for no problem, because VMs go elsewhere', () => {
    const without = { name: 'n2', conditions: [condition('Probed', 'False'), condition('Serving', 'True')] }
    assert.deepEqual(problems({ reports: [{ name: 'n1', conditions: SERVING }, without] }), [])
  })

  it('repeats why a profile is not ready, and what keeps a pod', () => {
    assert.deepEqual(
      problems({
        profiles: [
          { name: 'typo', conditions: [condition('Ready', 'False', 'spec.features[0].name: FEAT_X')] },
          { name: 'new', conditions: [] },
        ],
        pods: [
          {
            metadata: { name: 'vm', namespace: 'team' },
            spec: {},
            status: { conditions: [condition('cpufeatures.dev/Schedulable', 'False', 'no node fits')] },
          },
        ],
      }),
      [
        'profile typo: spec.features[0].name: FEAT_X',
        'profile new: the controller has not looked at it yet',
        'pod team/vm: no node fits',
      ],
    )
  })

  it('fits a screen, with the rest for -o wide', () => {
    const pods = Array.from({ length: 40 }, (_, index) => ({
      metadata: { name: `vm-${index}`, namespace: 'team' },
      spec: {},
      status: { conditions: [condition('cpufeatures.dev/Schedulable', 'False', 'no node fits')] },
    }))
    const status = clusterStatus({ ...WELL, pods })
    assert.ok(statusTable(status, false).length < 40)
    assert.match(statusTable(status, false).at(-1) ?? '', /and 25 more: -o wide/)
    assert.match(statusTable(status, true).at(-1) ?? '', /vm-39/)
  })
})
