import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { buildHolder } from '../../../scripts/build-holder.ts'
import { containedProgram } from '../../harness/contained-process.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LAB_PATHS } from '../../harness/lab-paths.ts'

const RUN = '/tmp/holder/run'

/** Starts the holder, has a container make calls with no agent there, and prints what the container and the holder say. */
const SCRIPT = `
mkdir -p /tmp/holder/kubelet
/opt/holder --run ${RUN} --link /tmp/holder/kubelet/seccomp/cpufeatures 2>/tmp/holder/log &
holder=$!
until [ -L /tmp/holder/kubelet/seccomp/cpufeatures ]; do sleep 0.1; done
/opt/contained kvm
kill $holder
wait $holder
echo "ended $?"
cat /tmp/holder/log`

/** `vcpu 0` and `vcpu 51` are called first, and must wait: nobody is there to level them. */
const CALLS = ['vcpu 0', 'vcpu 51', 'vcpu 52', 'vcpu 53', 'vcpu 52', 'own-table 52']

describe('the holder on arm64, while no agent is there', () => {
  let lines: readonly string[]
  before(async () => {
    const host: HostAccess = await connectHost('neoverse-v1')
    const holder = join(LAB_PATHS.lab, 'holder-arm64')
    assert.notEqual(buildHolder('arm64', holder), 'no compiler')
    await host.put(holder, '/opt/holder')
    await host.put(await containedProgram('arm64'), '/opt/contained')
    const input = [`send ${RUN}/runtime.sock`, 'close', ...CALLS, 'wait 5', ''].join('\n')
    const { stdout, stderr } = await host.run(['sh', '-c', SCRIPT], { input })
    lines = stdout.split('\n')
    assert.ok(lines.includes('ended 0'), `${stdout}${stderr}`)
  })

  it('lets the INIT of a vCPU go on whose mark says that it is levelled: KVM makes it', () => {
    assert.equal(lines.filter((line) => line === 'vcpu 52 0').length, 2)
    // Not a vCPU: the call goes on, and fails with ENOTTY.
    assert.ok(lines.includes('own-table 52 -25'))
  })

  it('answers no other', () => {
    assert.deepEqual(
      lines.filter((line) => /^vcpu (0|51|53) /.test(line)),
      [],
    )
  })
})
