import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { levelledPlan, putRevision } from '../launch/revision-file.ts'
import { assertShowsPlan, launchVmm } from './vmm-launch.ts'
import type { VmmLaunch } from './vmm-launch.ts'

/** Every vCPU shows the plan, to its VMM and to its guest. */
const assertLevelled = ({ vcpus, stderr, exitCode }: VmmLaunch, count: number): void => {
  assert.equal(exitCode, 0, stderr)
  assert.equal(vcpus.length, count, stderr)
  for (const vcpu of vcpus) {
    assert.equal(vcpu.init, 0)
    assertShowsPlan(vcpu, stderr)
  }
}

/** How many vCPUs each odd VMM has, and how it is odd. */
const ODD: readonly (readonly [name: string, vcpus: number, options: readonly string[]])[] = [
  ['that is plain', 1, []],
  ['with sixteen vCPUs', 16, ['--vcpus', '16']],
  ['that INITs its vCPUs from many threads at once', 8, ['--vcpus', '8', '--threads']],
  ['that does so in a vfork child', 2, ['--vcpus', '2', '--vfork']],
  ['that is in a pid namespace of its own', 2, ['--vcpus', '2', '--unshare-pid']],
  ['whose stack pointer is at no memory', 1, ['--stack', 'unmapped']],
  ['whose stack is not writable', 1, ['--stack', 'readonly']],
  ['whose stack has sixteen bytes left', 1, ['--stack', 'tiny']],
  ['that makes a scratch VM first, so that fd numbers come again', 2, ['--scratch', '--vcpus', '2']],
  ['that gives ioctl garbage in the upper halves', 2, ['--upper-half', '--vcpus', '2']],
  ['that INITs each vCPU twice', 2, ['--reset', '--vcpus', '2']],
  ['that gets a thousand signals a second', 4, ['--storm', '1000', '--vcpus', '4']],
  // mprotect: no page becomes executable, and the calls are made one by one.
  ['whose own seccomp policy denies mprotect', 2, ['--forbid', '226', '--vcpus', '2']],
]

describe('a VMM', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'odd', levelledPlan)
  })

  for (const [name, vcpus, options] of ODD)
    it(`${name} is levelled`, async () => {
      assertLevelled(await launchVmm(host, plan, options), vcpus)
    })

  it('whose own policy denies mmap fails, and never runs unlevelled', async () => {
    const { exitCode, vcpus } = await launchVmm(host, plan, ['--forbid', '222'])
    assert.notEqual(exitCode, 0)
    for (const { init } of vcpus) assert.notEqual(init, 0)
  })

  it('that makes another VM after one has run is refused that one, by name', async () => {
    const { vcpus, stderr } = await launchVmm(host, plan, ['--vms', '2'])
    assert.deepEqual(
      vcpus.map(({ init }) => init),
      [0, -22],
    )
    assert.match(stderr, /process-has-running-vm/)
  })

  it('that asks for what the plan disables, or for an unknown vCPU feature, gets EINVAL', async () => {
    // KVM_ARM_VCPU_SVE is bit 4; bit 30 is none.
    for (const features of ['0x14', '0x40000004']) {
      const { vcpus, exitCode } = await launchVmm(host, plan, ['--features', features])
      assert.equal(exitCode, 1)
      assert.deepEqual(
        vcpus.map(({ init }) => init),
        [-22],
      )
    }
  })

  it('that lowers a register after us is reported as different, and goes on', async () => {
    const { exitCode, vcpus } = await launchVmm(host, plan, ['--write-after', '--hold', '100'])
    assert.equal(exitCode, 0)
    assert.equal(vcpus.length, 1)
  })
})
