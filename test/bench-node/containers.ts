import { setTimeout as delay } from 'node:timers/promises'
import { ProgressBar } from '../differential/progress-bar.ts'
import { eventually } from '../harness/eventually.ts'
import { KVM_RESOURCE } from '../harness/emulated-node.ts'
import { vmContainer } from '../harness/pods.ts'
import { pidsOf } from '../node-faults/cluster-fault.ts'
import type { OneNode } from '../node/start-one-node.ts'
import { PROGRAMS } from '../node/told-pod.ts'
import { LABEL } from '../node/installation.ts'

const CONTAINERS = 50
const MOST_MIB = 80
const MOST_EACH_MIB = 0.5

/** Until nothing is on its way any more, and the agent has given back what only the launches needed. */
const SETTLE_MS = 90_000

/** One vCPU each, which has run and stays. */
const COMMAND = ['/programs/vmm', '--hold-until', '/programs/never']

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'many', labels: LABEL },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    volumes: [{ name: 'programs', hostPath: { path: PROGRAMS } }],
    containers: Array.from({ length: CONTAINERS }, (_, index) => ({
      ...vmContainer(COMMAND),
      name: `vm-${index + 1}`,
      // runc itself takes more than 16 MiB of the limit when it starts a container.
      resources: { limits: { [KVM_RESOURCE]: '1', memory: '64Mi' }, requests: { memory: '1Mi' } },
      volumeMounts: [{ name: 'programs', mountPath: '/programs' }],
    })),
  },
}

const residentMib = async (cluster: OneNode): Promise<number> => {
  const [pid = ''] = await pidsOf(cluster, 'agent')
  const { stdout } = await cluster.node.run(['sh', '-c', 'grep VmRSS "/proc/$0/status"', pid])
  return Number(/\d+/.exec(stdout)?.[0]) / 1024
}

/**
 * Waits as long as one launch after the other is served, however slow the node is. The status of the pod says nothing before the kubelet
 * has started all of its containers.
 */
const allServed = async ({ node }: OneNode): Promise<void> => {
  const bar = new ProgressBar(CONTAINERS)
  for (let served = 0; served < CONTAINERS;) {
    const before = served
    served = await eventually(`the agent serves more than ${before}`, async () => {
      const { stdout } = await node.run(['sh', '-c', 'ls /var/lib/cpufeatures/launches | wc -l'])
      return Number(stdout) > before ? Number(stdout) : undefined
    })
    for (let step = before; step < served; step += 1) bar.step(`${served} containers are served`)
  }
}

/** What the node-agent takes of memory with so many containers that each have a levelled VM. Resolves with what was found wrong. */
export const benchContainers = async (cluster: OneNode): Promise<string[]> => {
  const { kubectl } = cluster.plane
  await delay(SETTLE_MS)
  const before = await residentMib(cluster)
  await kubectl(['create', '-f', '-'], JSON.stringify(POD))
  await allServed(cluster)
  await delay(SETTLE_MS)
  const after = await residentMib(cluster)
  await kubectl(['delete', 'pod', 'many', '--grace-period=1', '--wait'])
  const each = (after - before) / CONTAINERS
  console.log(
    [
      `Resident memory of the node-agent`,
      `  without containers:          ${before.toFixed(1)} MiB`,
      `  with ${CONTAINERS} levelled containers: ${after.toFixed(1)} MiB, ${each.toFixed(2)} MiB each`,
    ].join('\n'),
  )
  return [
    ...(after < MOST_MIB ? [] : [`the node-agent takes ${after.toFixed(1)} MiB`]),
    ...(each < MOST_EACH_MIB ? [] : [`a container adds ${each.toFixed(2)} MiB`]),
  ]
}
