import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { assertAllLevelled, printedVcpus } from './vmm-launch.ts'

describe('a launch in a process that is under seccomp filters already', () => {
  let host: HostAccess
  let run: readonly string[]
  before(async () => {
    host = await connectHost('neoverse-v1')
    run = ['cpufeatures', 'run', '--plan', await putRevision(host, 'stacked', LEVELLED_PLAN), '--']
  })

  it('with a listener of another is not made, and says so', async () => {
    const { stdout, stderr, exitCode } = await host.run([...run, ...run, 'echo', 'launched'])
    assert.equal(exitCode, 125, stderr)
    assert.equal(stdout, '')
    assert.match(stderr, /under another seccomp listener/)
  })

  it('without one is made: its VMM is levelled', async () => {
    const { stdout, stderr, exitCode } = await host.run([
      '/opt/vmm/filtered',
      ...run,
      '/opt/vmm/vmm',
      '--stacked-filters',
      '--vcpus',
      '2',
    ])
    assert.equal(exitCode, 0, stderr)
    assertAllLevelled({ stdout, exitCode, vcpus: printedVcpus(stdout) }, 2)
  })
})
