import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Plan } from '../../../src/api/plan.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import type { HostProcess } from '../../harness/host-process.ts'
import { startHostSupervisor } from '../../harness/host-supervisor.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { eventually } from '../../harness/eventually.ts'
import { assertAllLevelled, assertShowsPlan, printedVcpus } from '../vmms/vmm-launch.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

const FOLDER = '/tmp/standing'
const SOCKET = `${FOLDER}/supervisor.sock`

/** As `levelledPlan`, but for the MIDR that guests see. */
const OTHER_PLAN: Plan = { ...LEVELLED_PLAN, implementation: { midr: '0x410fd490' } }

describe('one supervisor for all launches of a host', () => {
  let host: HostAccess
  let plan: string
  let other: string
  let supervisor: HostProcess

  const start = async (): Promise<void> => {
    supervisor = await startHostSupervisor(host, SOCKET, ['--metrics', `${FOLDER}/metrics.prom`])
  }
  const sh = (script: string) => host.run(['sh', '-c', script])
  const run = (file: string, record: string): string =>
    `cpufeatures run --supervisor ${SOCKET} --plan ${file} --record ${FOLDER}/${record}.json --`
  const outcome = async (record: string): Promise<string> =>
    /"outcome": "(.*)"/.exec((await host.run(['cat', `${FOLDER}/${record}.json`])).stdout)?.[1] ?? 'none'

  before(async () => {
    host = await connectHost('neoverse-v1')
    await sh(`rm -rf ${FOLDER}; mkdir -p ${FOLDER}/cgroup; mount -t cgroup2 none ${FOLDER}/cgroup`)
    plan = await putRevision(host, 'standing', LEVELLED_PLAN)
    other = await putRevision(host, 'standing-other', OTHER_PLAN)
    await start()
  })
  after(async () => {
    supervisor.kill()
    await supervisor.exited
    await sh(`umount ${FOLDER}/cgroup`)
  })

  it('levels VMMs of different plans, each by its own, at once', async () => {
    const { stdout, stderr } = await sh(
      `${run(plan, 'one')} /opt/vmm/vmm --vcpus 2 > ${FOLDER}/one & ${run(other, 'two')} /opt/vmm/vmm > ${FOLDER}/two & wait
       cat ${FOLDER}/one; echo OTHER; cat ${FOLDER}/two`,
    )
    const [one = [], two = []] = stdout.split('OTHER').map(printedVcpus)
    assert.equal(one.length, 2, stderr)
    for (const vcpu of one) assertShowsPlan(vcpu, stderr)
    assert.deepEqual(two[0]?.registers['MIDR_EL1'], [0x410fd490n, 0x410fd490n])
    const { stdout: count } = await sh("ps | grep -c '[s]upervise'")
    assert.equal(count.trim(), '1')
  })

  it('is preferred by the scheduler: signals find calls that wait for it', async () => {
    const { stdout } = await sh(`cut -d' ' -f19 /proc/$(ps | awk '/[s]upervise/ { print $1 }')/stat`)
    assert.equal(stdout.trim(), '-10')
  })

  it('writes their records, counts their outcomes, and keeps nothing of those that have ended', async () => {
    await eventually('the state folder to be empty', async () =>
      (await sh(`ls ${FOLDER}/launches`)).stdout === '' ? true : undefined,
    )
    for (const record of ['one', 'two']) assert.match(await outcome(record), /^(applied|verified)$/)
    const { stdout: metrics } = await host.run(['cat', `${FOLDER}/metrics.prom`])
    assert.match(metrics, /^cpufeatures_launch_served_seconds_count 2$/m)
    assert.match(metrics, /^cpufeatures_launch_outcomes_total\{outcome="(applied|verified)"\} [12]$/m)
  })

  it('is succeeded by the next where it is killed, which levels what waits', async () => {
    const vmm = `/opt/vmm/vmm --hotplug --hotplug-when ${FOLDER}/late`
    const waiting = host.spawn(['sh', '-c', `${run(plan, 'waiting')} ${vmm}`])
    await waiting.waitForOutput(/"vm"/)
    supervisor.kill('SIGKILL')
    await supervisor.exited
    await sh(`touch ${FOLDER}/late`)
    await start()
    const { exitCode, stdout } = await waiting.exited
    assertAllLevelled({ exitCode, stdout, vcpus: printedVcpus(stdout) }, 2)
    assert.match(await outcome('waiting'), /^(applied|verified)$/)
  })

  it('is refused a second time, on its socket or with its launches, and missed by name where there is none', async () => {
    const again = await sh(`cpufeatures supervise --socket ${SOCKET}; echo $?`)
    assert.match(again.stdout, /1/)
    assert.match(again.stderr, /another supervisor already serves it/)
    const beside = await sh(
      `cpufeatures supervise --socket ${FOLDER}/other.sock; echo $?; ls ${FOLDER}/*.sock`,
    )
    assert.equal(beside.stdout, `1\n${SOCKET}\n`)
    assert.match(beside.stderr, /another supervisor keeps its launches there/)
    const none = await sh(`cpufeatures run --supervisor ${FOLDER}/none --plan ${plan} -- true; echo $?`)
    assert.equal(none.stdout.trim(), '125')
    assert.match(none.stderr, /ENOENT; it is started by cpufeatures supervise/)
  })
})
