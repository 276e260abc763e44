import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { bootHost } from '../../harness/emulated-host.ts'
import type { EmulatedHost } from '../../harness/emulated-host.ts'
import { levelledPlan, putRevision } from '../launch/revision-file.ts'
import { assertAllLevelled, launchVmm } from './vmm-launch.ts'

describe('a VMM with shadow stacks (GCS), on a CPU that has them', () => {
  let host: EmulatedHost
  let plan: string
  before(async () => {
    host = await bootHost({ name: 'gcs', cpuModel: 'max', kernel: '6.18', newerEmulator: true })
    const { stdout: cpu } = await host.run(['grep', '-m1', 'Features', '/proc/cpuinfo'])
    assert.match(cpu, / gcs\b/)
    plan = await putRevision(host, 'shadow-stack', levelledPlan)
  })
  after(() => host.stop())

  for (const options of [
    ['--vcpus', '2'],
    ['--vcpus', '4', '--threads'],
  ])
    it(`is levelled, and returns to where its calls were: ${options.join(' ')}`, async () => {
      const launch = await launchVmm(host, plan, ['--shadow-stack', ...options])
      assert.match(launch.stdout, /^\{"shadowStack":1\}$/m, launch.stderr)
      assertAllLevelled(launch, Number(options[1]))
    })
})
