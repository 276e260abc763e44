import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { assertAllLevelled, launchVmm } from './vmm-launch.ts'

describe('a VMM whose code is guarded by landing pads (BTI), on a CPU that has them', () => {
  it('is levelled: what runs in it in between neither calls nor returns', async () => {
    const host = await connectHost('neoverse-n2')
    const { stdout: cpu } = await host.run(['grep', '-m1', 'Features', '/proc/cpuinfo'])
    assert.match(cpu, / bti\b/)
    const plan = await putRevision(host, 'guarded', LEVELLED_PLAN)
    assertAllLevelled(await launchVmm(host, plan, ['--guarded', '--vcpus', '2']), 2)
  })

  it('is levelled where its calls are in code that can be executed, and not read', async () => {
    const host = await connectHost('neoverse-n2')
    const plan = await putRevision(host, 'execute-only', LEVELLED_PLAN)
    assertAllLevelled(await launchVmm(host, plan, ['--execute-only', '--vcpus', '2']), 2)
  })
})
