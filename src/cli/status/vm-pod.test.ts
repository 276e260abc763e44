import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podStanding, type PodState, type VmPod } from './vm-pod.ts'

type Condition = [type: string, status: 'True' | 'False', reason?: string, message?: string]

const pod = (
  conditions: readonly Condition[],
  { spec = {}, revision }: { spec?: object; revision?: string } = {},
): VmPod => ({
  metadata: {
    name: 'vm',
    namespace: 'team',
    ...(revision !== undefined && { annotations: { 'cpufeatures.dev/revision': revision } }),
  },
  spec,
  status: {
    conditions: conditions.map(([type, status, reason = 'Reason', message = `${type}: why`]) => ({
      ...{ type, status, reason, message },
    })),
  },
})

const GATED = { schedulingGates: [{ name: 'cpufeatures.dev/profile' }] }
const PINNED = 'fleet-0123456789'
const BOUND = { nodeName: 'n1' }
const NO_FIT: Condition = ['cpufeatures.dev/Schedulable', 'False']

describe('how a pod that names a profile stands', () => {
  const cases: readonly [name: string, VmPod, PodState, why?: string][] = [
    ['new', pod([], { spec: GATED }), 'waiting'],
    ['gated with a reason', pod([NO_FIT], { spec: GATED }), 'waiting', 'cpufeatures.dev/Schedulable: why'],
    [
      'pinned where nothing fits',
      pod([NO_FIT], { revision: PINNED }),
      'unplaced',
      'cpufeatures.dev/Schedulable: why',
    ],
    [
      'that the scheduler cannot place',
      pod([['PodScheduled', 'False', 'Unschedulable']], { revision: PINNED }),
      'unplaced',
      'PodScheduled: why',
    ],
    ['that the scheduler has not seen', pod([], { revision: PINNED }), 'unplaced'],
    ['bound', pod([], { revision: PINNED, spec: BOUND }), 'starting'],
    ['levelled', pod([['cpufeatures.dev/Applied', 'True']], { revision: PINNED, spec: BOUND }), 'levelled'],
    [
      'refused',
      pod([['cpufeatures.dev/Applied', 'False']], { revision: PINNED, spec: BOUND }),
      'failed',
      'cpufeatures.dev/Applied: why',
    ],
    ['whose VM came without a revision', pod([], { revision: 'none', spec: BOUND }), 'unlevelled'],
    [
      'that was let pass',
      pod([['cpufeatures.dev/Applied', 'False', 'NotLevelled']], { revision: 'none', spec: BOUND }),
      'unlevelled',
    ],
  ]
  for (const [name, one, state, why] of cases)
    it(`is "${state}" of one ${name}`, () => {
      assert.deepEqual(podStanding(one), { state, ...(why !== undefined && { why }) })
    })
})
