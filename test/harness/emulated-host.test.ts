import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { VERSION } from '../../src/runtime/version.ts'
import type { HostAccess } from './host-access.ts'
import { connectHost } from './lab-session.ts'

describe('an emulated host', () => {
  let host: HostAccess
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lab-'))
    host = await connectHost('neoverse-v1')
  })
  after(() => rm(folder, { recursive: true }))

  it('has KVM, debugfs, cgroup v2 and the kernel that was asked for', async () => {
    const paths = ['/dev/kvm', '/dev/shm', '/sys/fs/cgroup/cgroup.procs', '/sys/kernel/debug/kvm']
    const { stdout } = await host.run(['sh', '-c', 'uname -r; ls -d "$@"', 'look', ...paths])
    const [release, ...found] = stdout.trim().split('\n')
    assert.match(release ?? '', /^6\.18\./)
    assert.deepEqual(found, paths)
  })

  it('runs the product by its name', async () => {
    const { stdout } = await host.run(['cpufeatures', '--version'])
    assert.equal(stdout, `${VERSION}\n`)
  })

  it('gives output, error and exit code of a command apart, and passes input and environment', async () => {
    const script = 'cat; echo "$WORD" >&2; exit 7'
    const result = await host.run(['sh', '-c', script], { input: 'in', env: { WORD: 'said' } })
    assert.deepEqual(result, { stdout: 'in', stderr: 'said\n', exitCode: 7 })
  })

  it('copies files in and out unchanged', async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * 7) % 256))
    await writeFile(join(folder, 'in'), bytes)
    await host.put(join(folder, 'in'), '/tmp/deep/file')
    await host.get('/tmp/deep/file', join(folder, 'out'))
    assert.deepEqual(await readFile(join(folder, 'out')), bytes)
  })

  it('kills what runs too long, with what it started', async () => {
    const command = ['sh', '-c', 'sleep 4321 & sleep 4321']
    await assert.rejects(host.run(command, { timeoutSeconds: 1 }), /not done in 1 s/)
    const { exitCode } = await host.run(['sh', '-c', "while ps | grep 'sleep 432[1]'; do sleep 0.1; done"])
    assert.equal(exitCode, 0)
  })

  it('reaches what listens on the loopback interface of this machine', async () => {
    const server = createServer((_, response) => response.end('from the machine'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { stdout } = await host.run(['wget', '-q', '-O', '-', `http://10.0.2.2:${port}/`])
    server.close()
    assert.equal(stdout, 'from the machine')
  })

  it('runs a nested guest on KVM with stock QEMU, which says what CPU it sees', async () => {
    const guest = host.spawn([
      'qemu-system-aarch64',
      ...['-M', 'virt,gic-version=3', '-accel', 'kvm', '-cpu', 'host', '-m', '256'],
      ...['-nographic', '-nic', 'none', '-no-reboot'],
      ...['-kernel', '/opt/guest/vmlinuz', '-initrd', '/opt/guest/initrd.gz'],
      ...['-append', 'console=ttyAMA0 quiet'],
    ])
    const [report] = await guest.waitForOutput(/GUEST-BEGIN[^]*GUEST-END/)
    assert.match(report, /Features\s*: .*\bsve\b/)
    assert.match(report, /REG MIDR_EL1 0x00000000411fd40/)
    assert.match(report, /SYSFS midr_el1 0x00000000411fd40/)
    assert.match(report, /REG ID_AA64ISAR0_EL1 0x\d/)
    assert.match(report, /REG CNTFRQ_EL0 0x0000000003b9aca0/)
    assert.equal((await guest.exited).exitCode, 0)
  })
})
