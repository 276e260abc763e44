import { isDeepStrictEqual } from 'node:util'
import { guestClaims, type Claim } from '../e2e/guest-claims.ts'
import { guestTable, type GuestColumn } from '../e2e/guest-table.ts'
import { parseGuestReport, type GuestReport } from '../e2e/guest-report.ts'
import { STOCK_QEMU } from '../e2e/virtual-machine.ts'
import type { ControlPlane } from '../harness/control-plane.ts'
import { eventually } from '../harness/eventually.ts'
import { createPod, podReaches, vmContainer } from '../harness/pods.ts'
import { progress } from '../harness/progress.ts'
import { LABEL } from '../node/installation.ts'
import { migrateBetweenPods } from './migrate-between-pods.ts'
import { applyFleet, example, NODE_NAMES, type NodeName, type TwoNodes } from './two-nodes.ts'

type Say = (text: string) => void
type Kubectl = ControlPlane['kubectl']

const show = async (kubectl: Kubectl, say: Say, args: readonly string[]): Promise<void> => {
  say(`$ kubectl ${args.join(' ')}\n${(await kubectl(args)).trimEnd()}`)
}

const field = (kubectl: Kubectl, object: readonly string[], path: string): Promise<string> =>
  eventually(`${object.join('/')} has ${path}`, async () => {
    const text = await kubectl(['get', ...object, '-o', `jsonpath=${path}`])
    return text === '' ? undefined : text
  })

type Guests = {
  readonly node: NodeName
  readonly without: GuestReport
  readonly with: GuestReport
  /** What the pod with the profile says. */
  readonly applied: string
}

/** A pod with stock QEMU and `-cpu host`, which ends with its guest. */
const guestOn = async (kubectl: Kubectl, node: NodeName, name: string, labels = {}): Promise<GuestReport> => {
  const spec = { nodeSelector: { 'kubernetes.io/hostname': node } }
  await createPod(kubectl, { name, labels, spec, container: vmContainer(STOCK_QEMU) })
  await progress(`pod ${name}: a guest says what CPU it sees`, () => podReaches(kubectl, name, 'Succeeded'))
  return parseGuestReport(await kubectl(['logs', name]))
}

const guestsOf = async (kubectl: Kubectl, node: NodeName): Promise<Guests> => {
  const without = await guestOn(kubectl, node, `plain-${node}`)
  const name = `levelled-${node}`
  const levelled = await guestOn(kubectl, node, name, LABEL)
  const condition = '{.status.conditions[?(@.type=="cpufeatures.dev/Applied")].reason}'
  return { node, without, with: levelled, applied: await field(kubectl, ['pod', name], condition) }
}

const podClaims = (guests: readonly Guests[]): Claim[] => [
  ...guestClaims(guests),
  {
    claim: 'each pod says that its profile was applied',
    holds: guests.every((one) => one.applied === 'LaunchApplied'),
    seen: guests.map((one) => one.applied).join(', '),
  },
]

const compareGuests = async ({ plane: { kubectl } }: TwoNodes, say: Say): Promise<Claim[]> => {
  say('Two pods per node: qemu-system-aarch64 -cpu host, without and with the label of the profile')
  const guests = await Promise.all(NODE_NAMES.map((node) => guestsOf(kubectl, node)))
  const columns = (kind: 'without' | 'with'): GuestColumn[] =>
    guests.map((one) => ({ title: `${one.node}, ${kind}`, report: one[kind] }))
  say('What each of the four guests saw:')
  say(guestTable([...columns('without'), ...columns('with')]))
  const proof = '{.metadata.annotations.cpufeatures\\.dev/applied}'
  await show(kubectl, say, ['get', 'pod', 'levelled-v1', '-o', `jsonpath=${proof}`])
  return podClaims(guests)
}

const migrate = async (cluster: TwoNodes, say: Say): Promise<Claim> => {
  say('A VM moves live from a pod of v1 to a pod of n2:')
  const { before, after } = await progress('migrating', () => migrateBetweenPods(cluster, 'v1', 'n2'))
  const isSame = isDeepStrictEqual(before, after)
  return {
    claim: 'a VM moves live from one node to the other, and sees the same CPU there, also after a reset',
    holds: isSame,
    seen: isSame ? 'no difference' : 'it differs',
  }
}

const impossible = async ({ plane: { kubectl } }: TwoNodes, say: Say): Promise<Claim> => {
  await kubectl(['apply', '-f', example('profile-impossible.yaml')])
  const condition = (type: string, part: string): Promise<string> =>
    field(kubectl, ['pod', 'vm-impossible'], `{.status.conditions[?(@.type=="${type}")].${part}}`)
  // First it waits for its profile, which was made in the same moment.
  const scheduler = await eventually('the scheduler has looked at pod vm-impossible', async () => {
    const reason = await condition('PodScheduled', 'reason')
    return reason === 'SchedulingGated' ? undefined : reason
  })
  const why = await eventually('the controller says why', async () => {
    const message = await condition('cpufeatures.dev/Schedulable', 'message')
    return message.startsWith('there is no CpuFeatureProfile') ? undefined : message
  })
  say(`pod vm-impossible is ${scheduler}: ${why}`)
  return {
    claim: 'a pod whose profile no node can satisfy is Unschedulable and says why',
    holds: scheduler === 'Unschedulable' && why.includes('FEAT_SME'),
    seen: `${scheduler}; ${why}`,
  }
}

/** Walks from `kubectl apply` to levelled VMs; throws if a step cannot be made. */
export const walkDemo = async (cluster: TwoNodes, say: Say): Promise<Claim[]> => {
  const { kubectl } = cluster.plane
  await show(kubectl, say, ['get', 'pods', '-n', 'cpufeatures-system', '-o', 'wide'])
  say('$ kubectl apply -f deploy/examples/profile-nodes.yaml')
  await applyFleet(cluster.plane)
  await show(kubectl, say, ['get', 'ncf,cfp,cfpr'])
  const claims = [
    { claim: 'the profile is Schedulable with 2 of 2 nodes', holds: true, seen: '2/2' },
    ...(await compareGuests(cluster, say)),
    await migrate(cluster, say),
    await impossible(cluster, say),
  ]
  await show(kubectl, say, ['get', 'nodes', '-L', 'cpufeatures.dev/class'])
  await show(kubectl, say, ['get', 'pods', '-o', 'wide'])
  await show(kubectl, say, ['get', 'events', '-A', '--sort-by=.metadata.creationTimestamp'])
  return claims
}
