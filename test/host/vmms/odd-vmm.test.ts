import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertAllLevelled } from './vmm-launch.ts'

/** How many vCPUs each odd VMM has, and how it is odd. */
const ODD: readonly (readonly [name: string, vcpus: number, options: string])[] = [
  ['that is plain', 1, ''],
  ['with sixteen vCPUs', 16, '--vcpus 16'],
  ['that INITs its vCPUs from many threads at once', 8, '--vcpus 8 --threads'],
  [
    'that does so from sixteen that end right after, each kicked by SIGUSR1 a thousand times a second',
    16,
    '--vcpus 16 --threads --kick 1000',
  ],
  ['that does so in a vfork child', 2, '--vcpus 2 --vfork'],
  ['whose first thread has ended', 2, '--vcpus 2 --leader-exits'],
  ['whose first thread has ended, and that INITs from others', 4, '--vcpus 4 --leader-exits --threads'],
  ['whose first thread has ended, and that INITs in vfork children', 2, '--vcpus 2 --leader-exits --vfork'],
  ['that is in a pid namespace of its own', 2, '--vcpus 2 --unshare-pid'],
  ['whose stack pointer is at no memory', 1, '--stack unmapped'],
  ['whose stack is not writable', 1, '--stack readonly'],
  ['whose stack has sixteen bytes left', 1, '--stack tiny'],
  ['that makes a scratch VM first, so that fd numbers come again', 2, '--scratch --vcpus 2'],
  ['that makes four VMs of three vCPUs before any runs', 12, '--vms 4 --vcpus 3 --together'],
  ['that makes them after a scratch VM, from threads', 8, '--scratch --vms 4 --vcpus 2 --together --threads'],
  ['that gives ioctl garbage in the upper halves', 2, '--upper-half --vcpus 2'],
  ['that INITs each vCPU twice', 2, '--reset --vcpus 2'],
  [
    'that finalises SVE which KVM does not offer, as the host has it',
    3,
    '--finalize-sve --vcpus 2 --hotplug',
  ],
  ['that closes a vCPU which never ran, and makes another with its fd', 2, '--vcpus 2 --reopen'],
  ['that gets a thousand signals a second', 4, '--storm 1000 --vcpus 4'],
  ['that adds a vCPU when its VM has run', 3, '--vcpus 2 --hotplug'],
  [
    'that adds a vCPU after it has made another VM and closed it',
    3,
    '--vcpus 2 --hotplug --scratch-before-hotplug',
  ],
  ['with three filters of its own that allow everything', 2, '--stacked-filters --vcpus 2'],
  ['with an allow list of its own, as container runtimes make it', 2, '--allow-list --vcpus 2'],
  // mprotect: no page becomes executable, and the calls are made one by one.
  ['whose own seccomp policy denies mprotect', 2, '--forbid 226 --vcpus 2'],
]

/** What a policy of the VMM's own denies: the launch fails, or is levelled all the same. */
const DENIED: readonly (readonly [name: string, options: string])[] = [
  ['mmap', '--forbid 222'],
  ['munmap', '--forbid 215'],
  ['ioctl KVM_SET_ONE_REG', '--forbid-ioctl 0x4010aeac'],
  ['ioctl KVM_GET_ONE_REG', '--forbid-ioctl 0x4010aeab'],
  ['ioctl KVM_ENABLE_CAP', '--forbid-ioctl 0x4068aea3'],
]

const tries = (cases: readonly (readonly [name: string, options: string])[]): string =>
  cases.map(([name, options]) => `try '${name}' /opt/vmm/vmm ${options}`).join('\n')

describe('a VMM', () => {
  let launch: ScriptedLaunch
  before(async () => {
    const host: HostAccess = await connectHost('neoverse-v1')
    const plan = await putRevision(host, 'odd', LEVELLED_PLAN)
    const levelled = ODD.map(([name, , options]) => [name, options] as const)
    launch = await launchScript(
      host,
      plan,
      // KVM_ARM_VCPU_SVE is bit 4; bit 30 is none.
      `alive
       ${tries(levelled)}
       ${tries(DENIED)}
       try sve /opt/vmm/vmm --features 0x14
       try unknown /opt/vmm/vmm --features 0x40000004
       try list /opt/vmm/vmm --register-list
       try 'sign-extended list' /opt/vmm/vmm --register-list --sign-extend
       try 'the last' /opt/vmm/vmm
       alive`,
    )
  })

  for (const [name, vcpus] of ODD)
    it(`${name} is levelled`, () => {
      assertAllLevelled(attemptNamed(launch, name), vcpus)
    })

  for (const [call] of DENIED)
    it(`whose own policy denies ${call} is levelled or fails, and never runs unlevelled`, () => {
      const { exitCode, vcpus, stdout, left } = attemptNamed(launch, call)
      assert.ok([0, 1, 2].includes(exitCode), stdout)
      assertAllLevelled({ stdout, exitCode: 0, vcpus: vcpus.filter(({ init }) => init === 0) })
      if (exitCode === 0) assert.equal(vcpus.length, 1, stdout)
      assert.deepEqual(left, [])
    })

  it('that asks for what the plan disables, or for an unknown vCPU feature, gets EINVAL', () => {
    for (const name of ['sve', 'unknown']) {
      const { vcpus, exitCode } = attemptNamed(launch, name)
      assert.equal(exitCode, 1)
      assert.deepEqual(
        vcpus.map(({ init }) => init),
        [-22],
      )
    }
  })

  it("gets the plan's register list, however it passes the request's sign", () => {
    const excluded = BigInt(LEVELLED_PLAN.registerList.exclude[0] ?? 0)
    for (const name of ['list', 'sign-extended list']) {
      const list = attemptNamed(launch, name).vcpus[0]?.registerList ?? []
      assert.ok(list.length > 100, name)
      assert.ok(!list.includes(excluded), name)
    }
  })

  it('is served by the one supervisor that served all before it', () => {
    assertAllLevelled(attemptNamed(launch, 'the last'), 1)
    const [first, last] = launch.supervisors
    assert.ok(first !== undefined && first > 0)
    assert.equal(last, first)
  })
})
