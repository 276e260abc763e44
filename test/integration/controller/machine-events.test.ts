import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'
import { Fleet, vmPod, type RunningController } from './fleet.ts'

const KUBEVIRT = 'kubevirt.io/v1'
const NOT_FOUND = 'ProfileNotFound: pod launcher-a: there is no CpuFeatureProfile nobody; '
const REFUSED = 'LaunchRefused: pod launcher-b: revision fleet-1: ID_AA64ISAR0_EL1.RNDR'

type Event = { kind: string; name: string; uid: string; text: string }

describe('what keeps a VM of KubeVirt from starting', () => {
  let fleet: Fleet
  let controller: RunningController
  const uids = new Map<string, string>()

  const make = async (kind: string, name: string, owner?: object): Promise<string> => {
    const metadata = { name, ...(owner !== undefined && { ownerReferences: [owner] }) }
    await fleet.apply({ apiVersion: KUBEVIRT, kind, metadata })
    const { uid } = (await fleet.get(kind.toLowerCase(), name)).metadata
    uids.set(kind, uid)
    return uid
  }

  const owner = (kind: string, name: string, uid: string): object => ({
    ...{ apiVersion: KUBEVIRT, kind, name, uid, controller: true },
  })

  const launcher = (name: string, vmi: object): object => {
    const { metadata, ...rest } = vmPod(name, 'nobody') as { metadata: object }
    return { ...rest, metadata: { ...metadata, ownerReferences: [vmi] } }
  }

  /** Events about a kind of KubeVirt. */
  const eventsOf = async (kind: string): Promise<readonly Event[]> => {
    const text = await fleet.controlPlane.kubectl(['get', 'events.events.k8s.io', '-A', '-o', 'json'])
    const { items } = JSON.parse(text) as {
      items: { reason: string; note: string; regarding: { kind: string; name: string; uid: string } }[]
    }
    return items
      .filter(({ regarding }) => regarding.kind === kind)
      .map(({ reason, note, regarding }) => ({ ...regarding, text: `${reason}: ${note}` }))
  }

  const told = (kind: string, count: number): Promise<readonly Event[]> =>
    eventually(`${kind} has ${count} events`, async () => {
      const found = await eventsOf(kind)
      return found.length >= count ? found : undefined
    })

  before(async () => {
    fleet = await Fleet.start()
    const { kubectl } = fleet.controlPlane
    await kubectl(['apply', '-f', join(LAB_PATHS.root, 'test/fixtures/kubevirt-api/crds.yaml')])
    await eventually('KubeVirt’s kinds are served', () => kubectl(['get', 'vm,vmi']))
    const vm = await make('VirtualMachine', 'web')
    await make('VirtualMachineInstance', 'web', owner('VirtualMachine', 'web', vm))
    controller = await fleet.startController('controller-a', { args: ['--leader-elect=false'] })
  })
  after(() => fleet.stop())

  const instance = (): object =>
    owner('VirtualMachineInstance', 'web', uids.get('VirtualMachineInstance') ?? '')

  it('is an event of the instance without any right on it, and one line in the log says what is missing', async () => {
    await fleet.apply(launcher('launcher-a', instance()))
    const [event] = await told('VirtualMachineInstance', 1)
    assert.equal(event?.uid, uids.get('VirtualMachineInstance'))
    assert.ok(event?.text.startsWith(NOT_FOUND) === true, event?.text)
    assert.deepEqual(await eventsOf('VirtualMachine'), [])
    await fleet.apply(launcher('launcher-c', instance()))
    await told('VirtualMachineInstance', 2)
    await fleet.settled()
    const lines = (await readFile(controller.logFile, 'utf8')).split('\n')
    assert.equal(lines.filter((line) => line.includes('cannot be read')).length, 1)
  })

  it('is an event of the VirtualMachine too with the role of overlays/kubevirt, and not twice', async () => {
    const role = join(LAB_PATHS.root, 'deploy/overlays/kubevirt/machine-reader.yaml')
    await fleet.controlPlane.kubectl(['apply', '-f', role])
    await eventually('the right is there', async () => {
      const user = 'system:serviceaccount:cpufeatures-system:cpufeatures-controller'
      const ask = ['auth', 'can-i', 'get', 'virtualmachineinstances.kubevirt.io', '--as', user]
      return (await fleet.controlPlane.kubectl(ask)).startsWith('yes') ? true : undefined
    })
    await fleet.apply(launcher('launcher-b', instance()))
    const [event] = await told('VirtualMachine', 1)
    assert.deepEqual([event?.name, event?.uid], ['web', uids.get('VirtualMachine')])
    await fleet.refuseLaunch('launcher-b', 'revision fleet-1: ID_AA64ISAR0_EL1.RNDR')
    const all = await told('VirtualMachine', 2)
    assert.ok(
      all.some(({ text }) => text.startsWith(REFUSED)),
      JSON.stringify(all),
    )
    await told('VirtualMachineInstance', 4)
  })

  it('is not told again by the next controller, whatever it sees first', async () => {
    await controller.stop()
    controller = await fleet.startController('controller-b', { args: ['--leader-elect=false'] })
    await fleet.apply(launcher('launcher-d', instance()))
    await told('VirtualMachineInstance', 5)
    await fleet.settled()
    const instances = (await eventsOf('VirtualMachineInstance')).map(({ text }) => text)
    assert.equal(instances.length, 5)
    assert.equal(new Set(instances).size, 5)
    const log = await readFile(controller.logFile, 'utf8')
    assert.doesNotMatch(log, /event not written|"level":"error"/)
  })
})
