import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Condition } from '../../../api/condition.ts'
import type { Pod } from '../../pod.ts'
import { kubevirtOwner } from '../../kubevirt-owner.ts'
import { machineFacts } from './machine-facts.ts'

const REFUSED: Condition = {
  type: 'cpufeatures.dev/Applied',
  status: 'False',
  reason: 'LaunchRefused',
  message: 'revision fleet-1: ID_AA64ISAR0_EL1.RNDR was refused',
  lastTransitionTime: '2026-01-01T00:00:00Z',
}

const pod = (uid: string, ...conditions: Condition[]): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'virt-launcher-web-abcde', namespace: 'team', uid },
  spec: {},
  status: { conditions },
})

const idOf = (uid: string, change: Partial<Condition> = {}): string | undefined =>
  machineFacts(pod(uid, { ...REFUSED, ...change }))[0]?.id

describe('the owner of a pod', () => {
  it('is one of KubeVirt only by a version of its API: whoever creates the pod writes it', () => {
    const owned = (apiVersion: string) =>
      kubevirtOwner(
        [{ apiVersion, kind: 'VirtualMachineInstance', name: 'web', uid: '1', controller: true }],
        'VirtualMachineInstance',
      )
    for (const version of ['v1', 'v1alpha3']) assert.ok(owned(`kubevirt.io/${version}`))
    for (const version of ['', 'x', 'v1?x=', '..\\..\\api\\v1\\pods?x=', 'v1/../../..'])
      assert.equal(owned(`kubevirt.io/${version}`), undefined)
    assert.equal(owned('example.kubevirt.io/v1'), undefined)
  })
})

describe('what the owner of a VM should know of its pod', () => {
  it('are our conditions that are False, with the pod’s name', () => {
    const waits: Condition = { ...REFUSED, type: 'cpufeatures.dev/Schedulable', reason: 'ProfileNotFound' }
    const fine: Condition = { ...REFUSED, type: 'cpufeatures.dev/Schedulable', status: 'True' }
    const others: Condition = { ...REFUSED, type: 'Ready' }
    const told = machineFacts(pod('1', REFUSED, waits, fine, others))
    assert.deepEqual(
      told.map(({ reason, action, note }) => ({ reason, action, note })),
      [
        {
          ...{ reason: 'LaunchRefused', action: 'Launch' },
          note: `pod virt-launcher-web-abcde: ${REFUSED.message}`,
        },
        {
          ...{ reason: 'ProfileNotFound', action: 'Schedule' },
          note: `pod virt-launcher-web-abcde: ${REFUSED.message}`,
        },
      ],
    )
  })

  it('are the same fact with another message, and another fact with another pod, reason or time', () => {
    assert.equal(idOf('1', { message: 'another' }), idOf('1'))
    const others = [
      idOf('2'),
      idOf('1', { reason: 'LaunchFailed' }),
      idOf('1', { lastTransitionTime: '2026-01-01T00:00:01Z' }),
      idOf('1', { type: 'cpufeatures.dev/Schedulable' }),
    ]
    assert.equal(new Set([idOf('1'), ...others]).size, 5)
  })
})

describe('the owner of an object', () => {
  const owner = { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance', name: 'web', uid: '9' }
  const found = (change: object) =>
    kubevirtOwner([{ ...owner, controller: true, ...change }], 'VirtualMachineInstance')?.name

  it('is its controller, of KubeVirt, and of the kind in question', () => {
    assert.equal(found({}), 'web')
    assert.equal(found({ apiVersion: 'kubevirt.io/v2' }), 'web')
    for (const other of [
      { controller: false },
      { kind: 'Pod' },
      { apiVersion: 'notkubevirt.io/v1' },
      { apiVersion: 'v1' },
    ])
      assert.equal(found(other), undefined)
    assert.equal(kubevirtOwner(undefined, 'VirtualMachine'), undefined)
  })
})
