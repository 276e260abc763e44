import type { NodeService } from '../harness/emulated-node.ts'
import { eventually } from '../harness/eventually.ts'
import { NAMESPACE } from '../node/installation.ts'
import type { OneNode } from '../node/start-one-node.ts'

/** A fault in a cluster. */
export type ClusterFault = {
  readonly does: string
  /** An administrator does it on purpose, so it may end no VM and no launch. */
  readonly isPlanned: boolean
  /** Resolves when it is in effect. */
  readonly begin: (cluster: OneNode) => Promise<unknown>
  /** How long it lasts; it ends by itself if not given. */
  readonly seconds?: number
  readonly end?: (cluster: OneNode) => Promise<unknown>
}

/** What the command lines of a program have on the node; in brackets, so that the one that looks for it has not. */
const PROCESSES = { agent: 'mjs [n]ode-agent', holder: '[h]older --run' } as const

const FIND = `cd /proc; for pid in [0-9]*; do tr '\\0' ' ' < $pid/cmdline | grep -q "$0" && echo $pid; done; true`

export type Program = keyof typeof PROCESSES

/** The processes of one of our programs on the node. */
export const pidsOf = async ({ node }: OneNode, program: Program): Promise<string[]> => {
  const { stdout } = await node.run(['sh', '-c', FIND, PROCESSES[program]])
  return stdout.split('\n').filter((line) => line !== '')
}

/** Does something, and waits until none of the processes that a program had before is left. */
const untilReplaced = async (
  cluster: OneNode,
  program: Program,
  act: () => Promise<unknown>,
): Promise<void> => {
  const before = await pidsOf(cluster, program)
  if (before.length === 0) throw new Error(`no ${program} runs on the node`)
  await act()
  await eventually(`the ${program} of before has ended`, async () => {
    const now = await pidsOf(cluster, program)
    return before.some((pid) => now.includes(pid)) ? undefined : true
  })
}

const kill = (cluster: OneNode, program: Program): Promise<void> =>
  untilReplaced(cluster, program, async () =>
    cluster.node.run(['kill', '-9', ...(await pidsOf(cluster, program))]),
  )

const ours = (args: readonly string[]) => ['-n', NAMESPACE, ...args]

const rollout = (cluster: OneNode, verb: 'restart' | 'undo', program: Program): Promise<void> =>
  untilReplaced(cluster, program, () =>
    cluster.plane.kubectl(
      ours([
        'rollout',
        verb,
        program === 'agent' ? 'daemonset/cpufeatures-node-agent' : 'daemonset/cpufeatures-holder',
      ]),
    ),
  )

/** No node has this label. */
const NOWHERE = 'node-faults.lab/nowhere'

const agentsOnlyWith = ({ plane }: OneNode, label: 'yes' | null): Promise<string> => {
  const nodeSelector = { [NOWHERE]: label }
  const patch = JSON.stringify({ spec: { template: { spec: { nodeSelector } } } })
  return plane.kubectl(ours(['patch', 'daemonset', 'cpufeatures-node-agent', '--type=merge', '-p', patch]))
}

const restarted = (service: NodeService): Pick<ClusterFault, 'begin' | 'end' | 'seconds'> => ({
  begin: ({ node }) => node.stopService(service),
  seconds: 10,
  end: ({ node }) => node.startService(service),
})

/** The faults, by name. */
export const CLUSTER_FAULTS: Readonly<Record<string, ClusterFault>> = {
  'agent-deleted': {
    does: 'the pod of the node-agent is deleted; its DaemonSet creates another pod',
    isPlanned: true,
    begin: (cluster) =>
      untilReplaced(cluster, 'agent', () =>
        cluster.plane.kubectl(
          ours(['delete', 'pod', '-l', 'app.kubernetes.io/component=node-agent', '--wait=false']),
        ),
      ),
  },
  'agent-killed': {
    does: 'the node-agent gets SIGKILL; the kubelet starts it again',
    isPlanned: false,
    begin: (cluster) => kill(cluster, 'agent'),
  },
  'agent-rolled-out': {
    does: 'the DaemonSet of the node-agent is rolled out again: the new agent starts beside the old one',
    isPlanned: true,
    begin: (cluster) => rollout(cluster, 'restart', 'agent'),
  },
  'agent-rolled-back': {
    does: 'the roll-out of `agent-rolled-out` is undone',
    isPlanned: true,
    begin: (cluster) => rollout(cluster, 'undo', 'agent'),
  },
  'agent-away': {
    does: 'no node-agent runs on the node for five minutes',
    isPlanned: true,
    begin: (cluster) => untilReplaced(cluster, 'agent', () => agentsOnlyWith(cluster, 'yes')),
    seconds: 300,
    end: (cluster) => agentsOnlyWith(cluster, null),
  },
  'api-away': {
    does: 'the API server does not run for a minute',
    isPlanned: false,
    begin: ({ plane }) => plane.stopApiServer(),
    seconds: 60,
    end: ({ plane }) => plane.startApiServer(),
  },
  'containerd-restarted': {
    does: 'containerd is stopped for ten seconds',
    isPlanned: true,
    ...restarted('containerd'),
  },
  'kubelet-restarted': {
    does: 'the kubelet is stopped for ten seconds',
    isPlanned: true,
    ...restarted('kubelet'),
  },
  'holder-killed': {
    does: 'the holder gets SIGKILL; the kubelet starts it again',
    isPlanned: false,
    begin: (cluster) => kill(cluster, 'holder'),
  },
  'holder-updated': {
    does: 'the DaemonSet of the holder is rolled out again: the new holder takes over from the old one',
    isPlanned: true,
    begin: (cluster) => rollout(cluster, 'restart', 'holder'),
  },
}
