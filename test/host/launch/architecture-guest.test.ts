import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { cpuFeatureProfileSpec } from '../../../src/api/cpu-feature-profile.ts'
import type { Plan } from '../../../src/api/plan.ts'
import { hostClass } from '../../../src/compatibility/host-class.ts'
import { compileProfile } from '../../../src/profile/compile-profile.ts'
import { probeWithTrials } from '../../differential/ask-kvm.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { launchGuest, type GuestLaunch } from './guest-launch.ts'
import { putRevision } from './revision-file.ts'

const planOf = async (host: HostAccess, version: string): Promise<Plan> => {
  const document = await probeWithTrials(host)
  const result = compileProfile({
    spec: cpuFeatureProfileSpec.parse({ base: { architecture: { version } } }),
    hosts: [{ class: hostClass(document), nodes: 1, host: document, selected: true }],
  })
  assert.equal(result.kind, 'compiled', JSON.stringify(result))
  return result.plan
}

describe('a guest of base architecture v8.2-A on a Neoverse V1', () => {
  let launch: GuestLaunch
  before(async () => {
    const host: HostAccess = await connectHost('neoverse-v1')
    const plan = await planOf(host, 'v8.2-A')
    launch = await launchGuest(host, await putRevision(host, 'architecture', plan))
  })

  it('runs to its end, with nothing refused', () => {
    assert.equal(launch.exitCode, 0, launch.stderr)
    assert.equal(launch.record.outcome, 'verified', JSON.stringify(launch.record))
    assert.deepEqual(launch.record.refused, [])
    assert.deepEqual(launch.record.verification?.different, [])
  })

  it('sees what the version has, FEAT_FP16 that KVM cannot hide, and nothing beyond', () => {
    assert.deepEqual(
      launch.features.toSorted(),
      ['fp', 'asimd', 'evtstrm', 'crc32', 'atomics', 'fphp', 'asimdhp', 'cpuid', 'dcpop'].sort(),
    )
  })
})
