import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import * as z from 'zod'
import { startControlPlane, type ControlPlane } from '../../harness/control-plane.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { installCrds } from '../../harness/install-crds.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { GUEST_COMMAND } from './guest-launch.ts'
import { LEVELLED_PLAN } from './revision-file.ts'

const REVISION = 'launch-test-0123456789'
const eventList = z.object({
  items: z.array(
    z.object({
      type: z.string(),
      reason: z.string(),
      note: z.string().optional(),
      regarding: z.object({ kind: z.string(), name: z.string() }),
      related: z.object({ name: z.string() }).optional(),
    }),
  ),
})

describe('a launch under a profile of the cluster', () => {
  let host: HostAccess
  let plane: ControlPlane

  const apply = (object: unknown): Promise<string> =>
    plane.kubectl(['apply', '-f', '-'], JSON.stringify(object))
  const run = (...command: string[]) =>
    host.run([
      ...['cpufeatures', 'run', '--kubeconfig', '/tmp/kubeconfig', '--node-name', 'neoverse-v1'],
      ...['--profile', 'launch-test', '--', ...command],
    ])

  before(async () => {
    ;[host, plane] = await Promise.all([connectHost('neoverse-v1'), startControlPlane()])
    await installCrds(plane)
    const kubeconfig = await plane.kubectl([
      ...['config', 'view', '--raw', '--flatten', '--minify', '-o', 'yaml'],
    ])
    const local = `${plane.folder}/kubeconfig-of-launch-test`
    // The hosts' gateway is this machine.
    await writeFile(local, kubeconfig.replaceAll('127.0.0.1', '10.0.2.2'))
    await host.put(local, '/tmp/kubeconfig')
    await apply({
      apiVersion: 'cpufeatures.dev/v1alpha1',
      kind: 'CpuFeatureProfile',
      metadata: { name: 'launch-test' },
      spec: { base: { host: {} } },
    })
  })

  after(() => plane.stop())

  it('is refused while the profile has no revision, and says so', async () => {
    await plane.kubectl([
      ...['patch', 'cfp', 'launch-test', '--subresource=status', '--type=merge'],
      ...['-p', '{"status":{"currentRevision":null}}'],
    ])
    const { exitCode, stdout, stderr } = await run('echo', 'launched')
    assert.equal(exitCode, 125)
    assert.equal(stdout, '')
    assert.match(stderr, /CpuFeatureProfile launch-test has no revision yet/)
  })

  it("takes the current revision's plan and reports the launch on the node's report", async () => {
    await apply({
      apiVersion: 'cpufeatures.dev/v1alpha1',
      kind: 'CpuFeatureProfileRevision',
      metadata: { name: REVISION },
      spec: LEVELLED_PLAN,
    })
    await plane.kubectl([
      ...['patch', 'cfp', 'launch-test', '--subresource=status', '--type=merge'],
      ...['-p', JSON.stringify({ status: { currentRevision: REVISION } })],
    ])
    const { exitCode, stdout, stderr } = await run(...GUEST_COMMAND)
    assert.equal(exitCode, 0, stderr)
    assert.match(stdout, /REG MIDR_EL1 0x00000000413fd0c1/)
    const read = async () => {
      const json = await plane.kubectl(['get', 'events.events.k8s.io', '-n', 'default', '-o', 'json'])
      return eventList.parse(JSON.parse(json)).items.filter(({ related }) => related?.name === REVISION)
    }
    let events = await read()
    for (let attempt = 0; attempt < 30 && events.length === 0; attempt++) events = await read()
    const [event] = events
    assert.equal(event?.reason, 'LaunchApplied')
    assert.equal(event.type, 'Normal')
    assert.deepEqual(event.regarding, { kind: 'NodeCpuFeatures', name: 'neoverse-v1' })
    assert.match(event.note ?? '', /^verified: .* 0 refused$/)
  })
})
