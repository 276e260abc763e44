import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import type { HostProcess } from '../../harness/host-process.ts'
import { startHostSupervisor } from '../../harness/host-supervisor.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { assertAllLevelled, printedVcpus } from '../vmms/vmm-launch.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

const FOLDER = '/tmp/faulty-session'
const SOCKET = `${FOLDER}/socket`

/**
 * Faults in the serving of one VMM, that of the file `faulty`: where its record is told, as often as the file `telling` says; or where one
 * of its threads does not stop at once, if there is a file `holding`.
 */
const FAULTS = `import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
const stringify = JSON.stringify
JSON.stringify = (value, ...rest) => {
  const isFaulty = /^\\/tmp\\/faulty-session\\/faulty/.test(value?.process?.command)
  if (isFaulty && value.outcome !== undefined && existsSync('${FOLDER}/telling')) {
    const left = Number(readFileSync('${FOLDER}/telling', 'utf8')) - 1
    if (left > 0) writeFileSync('${FOLDER}/telling', String(left))
    else rmSync('${FOLDER}/telling')
    throw new Error('a fault in a test')
  }
  return stringify(value, ...rest)
}
const now = performance.now.bind(performance)
performance.now = () => {
  if (existsSync('${FOLDER}/holding') && /^.*\\n.*\\n.*\\.look .*\\n.*\\.advance /.test(new Error().stack)) {
    rmSync('${FOLDER}/holding')
    throw new Error('a fault in a test')
  }
  return now()
}
`

describe('an internal error in serving one launch of many', () => {
  let host: HostAccess
  let plan: string
  let supervisor: HostProcess
  /** A VM that has nothing to do with it, with a vCPU that comes late. */
  let other: HostProcess
  const sh = (script: string) => host.run(['sh', '-c', script])
  const command = (vmm: string, name: string, options: string): string =>
    `cpufeatures run --supervisor ${SOCKET} --plan ${plan} --record ${FOLDER}/${name}.json -- ${vmm} ${options}`
  const start = async (): Promise<void> => {
    supervisor = await startHostSupervisor(host, SOCKET, [], {
      env: { NODE_OPTIONS: `--import=${FOLDER}/faults.mjs` },
    })
  }
  const launchFaulty = (options: string) =>
    host.spawn(['sh', '-c', command(`${FOLDER}/faulty`, 'faulty', options)])
  const printed = (child: HostProcess, pattern: RegExp) => child.waitForOutput(pattern)
  const said = (pattern: RegExp) =>
    eventually(`the supervisor to say ${String(pattern)}`, () =>
      Promise.resolve(pattern.test(supervisor.stderr()) ? true : undefined),
    )
  const outcomeIs = (name: string, outcome: RegExp) =>
    eventually(`the outcome ${String(outcome)}`, async () =>
      outcome.test((await host.run(['cat', `${FOLDER}/${name}.json`])).stdout) ? true : undefined,
    )
  /** The other VM goes on, and the vCPU that comes late is levelled. */
  const assertOtherGoesOn = async (): Promise<void> => {
    await sh(`touch ${FOLDER}/late`)
    const { exitCode } = await other.exited
    assertAllLevelled({ exitCode, stdout: other.stdout(), vcpus: printedVcpus(other.stdout()) }, 2)
    assert.match((await sh(`ps | grep -c '[s]upervise --socket ${SOCKET}'`)).stdout, /^1$/m)
  }

  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'faulty-session', LEVELLED_PLAN)
    await sh(`rm -rf ${FOLDER}; mkdir -p ${FOLDER}; cp /opt/vmm/vmm ${FOLDER}/faulty`)
    await host.run(['sh', '-c', `cat > ${FOLDER}/faults.mjs`], { input: FAULTS })
    await start()
  })
  beforeEach(async () => {
    await sh(`cd ${FOLDER}; rm -f late faulty-late telling holding faulty.json`)
    other = host.spawn([
      'sh',
      '-c',
      command('/opt/vmm/vmm', 'other', `--hotplug --hotplug-when ${FOLDER}/late`),
    ])
    await printed(other, /"vm"/)
  })
  after(async () => {
    supervisor.kill()
    await supervisor.exited
  })

  it('costs nobody anything where the launch can be taken over: its VM goes on, levelled', async () => {
    await sh(`echo 1 > ${FOLDER}/telling`)
    const faulty = launchFaulty(`--hotplug --hotplug-when ${FOLDER}/faulty-late`)
    await said(
      /an internal error ended the serving of one launch, which is taken over: Error: a fault in a test/,
    )
    await outcomeIs('faulty', /"verified"/)
    await sh(`touch ${FOLDER}/faulty-late`)
    const { exitCode } = await faulty.exited
    assertAllLevelled({ exitCode, stdout: faulty.stdout(), vcpus: printedVcpus(faulty.stdout()) }, 2)
    await assertOtherGoesOn()
  })

  it('costs at most the launch itself where a thread is stopped: it is levelled anew, or dies', async () => {
    await sh(`touch ${FOLDER}/holding`)
    // It may be that every thread has stopped when it is looked at first: then the error comes with another VMM.
    for (let tries = 1; (await sh(`ls ${FOLDER}/holding`)).exitCode === 0; tries += 1) {
      assert.ok(tries <= 20, 'the error did not come in 20 launches')
      await sh(`rm -f ${FOLDER}/faulty.json`)
      const faulty = launchFaulty('')
      const { exitCode } = await faulty.exited
      const vcpus = printedVcpus(faulty.stdout())
      if (exitCode === 0) assertAllLevelled({ exitCode, stdout: faulty.stdout(), vcpus }, 1)
      else assert.deepEqual(vcpus, [], faulty.stdout())
      await outcomeIs('faulty', exitCode === 0 ? /"(applied|verified)"/ : /"lost-supervisor"/)
    }
    await said(/taken over: Error: a fault in a test[^]*taken over: Error: a fault in a test/)
    await assertOtherGoesOn()
    const { stdout } = await sh('cat /proc/[0-9]*/stat | awk \'$3 == "Z"\'')
    assert.equal(stdout, '')
  })

  it('leaves the VM running where it comes again and again, and refuses by name what it cannot serve', async () => {
    await sh(`echo 99 > ${FOLDER}/telling`)
    const faulty = launchFaulty(`--hotplug --hotplug-when ${FOLDER}/faulty-late`)
    await said(/launch-\d+-[0-9a-f]+ stays as it is: its launch is served as one whose state nobody can read/)
    await sh(`touch ${FOLDER}/faulty-late`)
    const { exitCode } = await faulty.exited
    assert.equal(exitCode, 1, faulty.stderr())
    assert.deepEqual(
      printedVcpus(faulty.stdout()).map(({ init }) => init),
      [0, -5],
    )
    await said(/KVM_ARM_VCPU_INIT of process \d+ \(.*faulty.*\) fails with EIO/)
    await assertOtherGoesOn()
  })

  it('is over with the next supervisor, which reads what was left', async () => {
    await sh(`touch ${FOLDER}/late`)
    await other.exited
    supervisor.kill('SIGKILL')
    await supervisor.exited
    await sh(`rm -f ${FOLDER}/telling`)
    await start()
    await outcomeIs('faulty', /"(applied|verified)"/)
    assert.equal((await sh(`ls ${FOLDER}/launches`)).stdout, '')
  })
})
