import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import type { HostProcess } from '../../harness/host-process.ts'
import { startHostSupervisor } from '../../harness/host-supervisor.ts'
import { eventually } from '../../harness/eventually.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { assertAllLevelled, printedVcpus } from '../vmms/vmm-launch.ts'
import { LEVELLED_PLAN, putRevision } from './revision-file.ts'

const FOLDER = '/tmp/full-disk'
const STATE = `${FOLDER}/state`

/** Pages that are left of the file system of the state folder. */
const LEFT = [0, 1, 2, 3, 4]

describe('a supervisor of many launches whose state folder is full', () => {
  let host: HostAccess
  let plan: string
  let supervisor: HostProcess
  const sh = (script: string) => host.run(['sh', '-c', script])

  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'full-disk', LEVELLED_PLAN)
    await sh(
      `rm -rf ${FOLDER}; mkdir -p ${STATE}; mount -t tmpfs -o size=512k none ${STATE}; mkdir ${STATE}/launches`,
    )
    supervisor = await startHostSupervisor(host, `${FOLDER}/socket`, ['--state', `${STATE}/launches`])
  })
  after(async () => {
    supervisor.kill()
    await supervisor.exited
    await sh(`umount ${STATE}`)
  })

  /** A launch while so many pages are left. */
  const launch = (pages: number) =>
    sh(
      `cat /dev/zero > ${STATE}/fill 2> /dev/null
       truncate -s $(($(stat -c %s ${STATE}/fill) - ${pages} * 4096)) ${STATE}/fill
       cpufeatures run --supervisor ${FOLDER}/socket --plan ${plan} --record ${FOLDER}/record -- /opt/vmm/vmm --vcpus 2
       code=$?; rm ${STATE}/fill; exit $code`,
    )

  for (const pages of LEFT)
    it(`levels or fails, and says why: ${pages} pages left`, async () => {
      const { stdout, stderr, exitCode } = await launch(pages)
      const vcpus = printedVcpus(stdout).filter(({ init }) => init === 0)
      assertAllLevelled({ stdout, exitCode: 0, vcpus }, exitCode === 0 ? 2 : vcpus.length)
      // What the supervisor says may reach us after the launch has ended.
      if (exitCode !== 0)
        await eventually('ENOSPC is named', () =>
          Promise.resolve(/ENOSPC/.test(`${stderr}${supervisor.stderr()}`) ? true : undefined),
        )
      if (pages === 0) assert.equal(exitCode, 125, stderr)
    })

  it('serves on once there is room', async () => {
    const { stdout, stderr, exitCode } = await launch(64)
    assert.equal(exitCode, 0, stderr)
    assertAllLevelled({ stdout, exitCode, vcpus: printedVcpus(stdout) }, 2)
  })
})
