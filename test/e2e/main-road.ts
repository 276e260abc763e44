import { join } from 'node:path'
import { ROOT } from '../architecture/source-files.ts'
import { eventually } from '../harness/eventually.ts'
import { launchesEnded } from '../harness/launches-ended.ts'
import { progress } from '../harness/progress.ts'
import { clusterState } from './cluster-state.ts'
import { startCluster, waitForField, type Cluster, type ClusterNode } from './cluster.ts'
import { guestClaims, type Claim } from './guest-claims.ts'
import { guestTable, type GuestColumn } from './guest-table.ts'
import { launchVm, underProfile, type Launched } from './virtual-machine.ts'

export type MainRoad = {
  cluster: Cluster
  claims: Claim[]
}

type Say = (text: string) => void

const example = (name: string): string => join(ROOT, 'deploy/examples', name)

type Launches = {
  node: ClusterNode
  without: Launched
  with: Launched
  record: string
}

const launchBoth = async (node: ClusterNode, say: Say): Promise<Launches> => {
  say(`${node.name}: qemu-system-aarch64 -cpu host, without and with the profile`)
  const without = await progress(`${node.name}: a guest without the profile`, () => launchVm(node.host))
  const recordFile = '/tmp/launch-record.json'
  const masked = await progress(`${node.name}: a guest with the profile`, () =>
    launchVm(node.host, underProfile('fleet', node.name, recordFile)),
  )
  await launchesEnded(node.host)
  const record = await node.host.run(['cat', recordFile])
  return { node, without, with: masked, record: record.stdout }
}

const launchClaims = (launches: readonly Launches[]): Claim[] => [
  ...guestClaims(launches.map((one) => ({ without: one.without.guest, with: one.with.guest }))),
  {
    claim: 'the record of each launch says that the plan was applied',
    holds: launches.every((one) => /"outcome": ?"(applied|verified)"/.test(one.record)),
    seen: launches.map((one) => /"outcome": ?"([a-z-]+)"/.exec(one.record)?.[1] ?? 'no record').join(', '),
  },
]

const compareGuests = async (cluster: Cluster, say: Say): Promise<Claim[]> => {
  const launches = await Promise.all(cluster.nodes.map((node) => launchBoth(node, say)))
  const columns = (kind: 'without' | 'with'): GuestColumn[] =>
    launches.map((one) => ({ title: `${one.node.name}, ${kind}`, report: one[kind].guest }))
  say('What each of the four guests saw:')
  say(guestTable([...columns('without'), ...columns('with')]))
  say('The two guests with the profile:')
  say(guestTable(columns('with')))
  for (const one of launches) {
    say(`launch record, ${one.node.name}:`)
    say(one.with.stderr.trimEnd())
  }
  return launchClaims(launches)
}

const schedulePods = async (cluster: Cluster, say: Say): Promise<Claim[]> => {
  await cluster.kubectl(['apply', '-f', example('vm-pod.yaml')])
  await cluster.kubectl(['apply', '-f', example('profile-impossible.yaml')])
  const nodeNames = cluster.nodes.map((node) => node.name)
  const podField = (pod: string, path: string): Promise<string> =>
    eventually(`pod ${pod} has ${path}`, async () => {
      const text = await cluster.kubectl(['get', 'pod', pod, '-o', `jsonpath=${path}`])
      return text === '' ? undefined : text
    })
  const landedOn = await podField('vm-fleet', '{.spec.nodeName}')
  const why = await podField(
    'vm-impossible',
    '{.status.conditions[?(@.type=="cpufeatures.dev/Schedulable")].message}',
  )
  const scheduler = await podField('vm-impossible', '{.status.conditions[?(@.type=="PodScheduled")].reason}')
  say(`pod vm-fleet landed on: ${landedOn}`)
  say(`pod vm-impossible is ${scheduler}: ${why}`)
  return [
    {
      claim: 'a labelled pod lands on a node that fits',
      holds: nodeNames.includes(landedOn),
      seen: landedOn,
    },
    {
      claim: 'a pod whose profile no node can satisfy is Unschedulable and says why',
      holds: scheduler === 'Unschedulable' && why.includes('FEAT_SME'),
      seen: `${scheduler}; ${why}`,
    },
  ]
}

const showViews = async (cluster: Cluster, say: Say): Promise<void> => {
  const views = [
    ['get', 'ncf,cfp,cfpr'],
    ['get', 'nodes', '-L', 'cpufeatures.dev/class'],
    ['get', 'pods', '-o', 'wide'],
    ['get', 'events', '-A', '--sort-by=.metadata.creationTimestamp'],
  ]
  for (const view of views) {
    say(`$ kubectl ${view.join(' ')}`)
    say((await cluster.kubectl(view)).trimEnd())
  }
}

const applyProfile = async (cluster: Cluster, say: Say): Promise<void> => {
  say('$ kubectl apply -f deploy/examples/profile-nodes.yaml')
  await cluster.kubectl(['apply', '-f', example('profile-nodes.yaml')])
  const profile = ['cfp', 'fleet']
  await waitForField(cluster, profile, '{.status.nodes.summary}', '2/2')
  await waitForField(cluster, profile, '{.status.conditions[?(@.type=="Schedulable")].status}', 'True')
  say((await cluster.kubectl(['get', 'ncf,cfp,cfpr'])).trimEnd())
}

/**
 * Walks the main road once, from `kubectl apply` to the guests; the cluster is left running for the caller to end. Where a step fails,
 * the error says which, what it waited for and the state of the cluster, which has ended then.
 */
export const walkMainRoad = async (say: Say): Promise<MainRoad> => {
  const cluster = await startCluster({ v1: 'neoverse-v1', n2: 'neoverse-n2' })
  let at = ''
  const step = <T>(what: string, work: () => Promise<T>): Promise<T> => {
    at = what
    return work()
  }
  try {
    await step('the profile becomes Schedulable', () => applyProfile(cluster, say))
    const claims: Claim[] = [
      { claim: 'the profile is Schedulable with 2 of 2 nodes', holds: true, seen: '2/2' },
      ...(await step('guests run without and with the profile', () => compareGuests(cluster, say))),
      ...(await step('pods are scheduled', () => schedulePods(cluster, say))),
    ]
    await step('the cluster is shown', () => showViews(cluster, say))
    return { cluster, claims }
  } catch (cause) {
    const state = await clusterState(cluster)
    await cluster.stop()
    throw new Error(`it stopped where ${at}\n${state}\n---`, { cause })
  }
}
