import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import * as z from 'zod'
import type { HostAccess } from '../../harness/host-access.ts'
import { putProgram } from '../../harness/host-program.ts'
import { connectHost } from '../../harness/lab-session.ts'

const report = z.object({
  first: z.array(z.string()),
  second: z.array(z.string()),
  before: z.array(z.string()),
  after: z.array(z.string()),
  milliseconds: z.number(),
})

const inOwnMounts = (...script: string[]): string[] => ['unshare', '-m', 'sh', '-c', script.join(' && ')]

describe('the end of a probe', () => {
  let host: HostAccess

  before(async () => {
    host = await connectHost('neoverse-v1')
  })

  it('leaves no file open and nothing mapped, however it ends', async (test) => {
    const program = await putProgram(host, join(import.meta.dirname, 'open-files.ts'))
    const { stdout, stderr } = await host.run(['node', program])
    assert.equal(stderr, '')
    const { first, second, before: held, after: left, milliseconds } = report.parse(JSON.parse(stdout))
    assert.deepEqual(first, ['probed', 'no-kvm', 'failed', 'thrown while the VM is open'])
    assert.deepEqual(second, first)
    assert.deepEqual(left, held)
    test.diagnostic(`a probe, the failing ends and a thrown VM took ${Math.round(milliseconds)} ms`)
  })

  it('says that there is no KVM, and what to do', async () => {
    const { stdout, stderr, exitCode } = await host.run(
      inOwnMounts('mount -t tmpfs none /dev', 'cpufeatures probe'),
    )
    assert.equal(exitCode, 1)
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /^cpufeatures probe: \/dev\/kvm: ENOENT: there is no KVM on this machine\n {2}On a bare/,
    )
  })

  it('says which step failed where the device answers as no KVM does', async () => {
    const { stderr, exitCode } = await host.run(
      inOwnMounts('mount --bind /dev/null /dev/kvm', 'cpufeatures probe'),
    )
    assert.equal(exitCode, 1)
    assert.match(stderr, /^cpufeatures probe: API version: ioctl KVM_GET_API_VERSION: ENOTTY\n {2}\S/)
  })

  it('prints YAML and tables for people', async () => {
    const yaml = await host.run(['cpufeatures', 'probe', '--no-trials', '-o', 'yaml'])
    assert.match(yaml.stdout, /^formatVersion: 1\n/)
    const table = await host.run(['cpufeatures', 'probe', '--no-trials', '-o', 'table'])
    assert.match(table.stdout, /^CPU +Neoverse-V1 r\dp\d \(MIDR 0x41/)
    assert.doesNotMatch(table.stdout, /ID_AA64ISAR0_EL1/)
    const wide = await host.run(['cpufeatures', 'probe', '--no-trials', '-o', 'wide'])
    assert.match(wide.stdout, /\nID_AA64ISAR0_EL1 +0x[0-9a-f]+ +0xf+0\n/)
  })
})
