import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import * as z from 'zod'
import { bootHost } from '../../harness/emulated-host.ts'
import type { EmulatedHost } from '../../harness/emulated-host.ts'
import { emulatorsImage } from '../../harness/emulators-image.ts'
import { GUEST_ARGUMENTS, GUEST_COMMAND, launchGuest } from '../launch/guest-launch.ts'
import { launchByLibvirt } from './libvirt-guest.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'

/** A QEMU in a tree of its own, by its own loader: its libraries are another suite's. */
const inTree = (tree: string): readonly string[] => [
  `${tree}/lib/ld-linux-aarch64.so.1`,
  ...['--library-path', `${tree}/lib/aarch64-linux-gnu:${tree}/usr/lib/aarch64-linux-gnu`],
  `${tree}/usr/bin/qemu-system-aarch64`,
  ...['-L', `${tree}/usr/share/qemu`],
]

const launchedBy = z.object({ outcome: z.string(), process: z.object({ command: z.string() }) })

const QEMUS: readonly (readonly [version: string, command: readonly string[]])[] = [
  ['7.2', [...inTree('/mnt/qemu-7.2'), ...GUEST_ARGUMENTS]],
  ['10.0', GUEST_COMMAND],
  ['11.1', [...inTree('/mnt/qemu-11.1'), ...GUEST_ARGUMENTS]],
]

describe('stock QEMU with -cpu host, on a host with SVE and pointer authentication that the plan disables', () => {
  let host: EmulatedHost
  let plan: string
  before(async () => {
    host = await bootHost({
      name: 'qemus',
      cpuModel: 'neoverse-v1',
      kernel: '6.18',
      memoryMiB: 3072,
      disks: [await emulatorsImage()],
    })
    const mounted = await host.run(['mount', '/dev/vdc', '/mnt'])
    assert.equal(mounted.exitCode, 0, mounted.stderr)
    plan = await putRevision(host, 'qemus', LEVELLED_PLAN)
  })
  after(() => host.stop())

  for (const [version, command] of QEMUS)
    it(`runs a guest that has neither: ${version}`, async (context) => {
      const emulator = command.slice(0, command.indexOf('-M'))
      const { stdout } = await host.run([...emulator, '--version'])
      assert.match(stdout, new RegExp(`version ${version.replace('.', '\\.')}`))
      const { exitCode, stderr, features, registers, record } = await launchGuest(host, plan, command)
      context.diagnostic(`${stdout.split('\n')[0] ?? ''}: ${record.outcome}`)
      assert.equal(exitCode, 0, stderr)
      assert.ok(features.includes('fp'), stderr)
      for (const hidden of ['sve', 'paca', 'pacg', 'rng']) assert.ok(!features.includes(hidden), hidden)
      assert.equal((registers.get('ID_AA64PFR0_EL1') ?? -1n) & (0xfn << 32n), 0n)
      assert.equal(record.outcome, 'verified')
    })

  it('runs a guest that has neither: driven by libvirt', async () => {
    const { printed, record, stderr } = await launchByLibvirt(host, '/mnt/libvirt', plan)
    const features = (/^Features\s*: (.*)$/m.exec(printed)?.[1] ?? '').trim().split(/\s+/)
    assert.ok(features.includes('fp'), stderr)
    for (const hidden of ['sve', 'paca', 'pacg', 'rng']) assert.ok(!features.includes(hidden), hidden)
    const { outcome, process } = launchedBy.parse(JSON.parse(record))
    assert.equal(outcome, 'verified')
    assert.match(process.command, /guest=guest/)
  })
})
