import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { connectHost } from '../../harness/lab-session.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { soakGrowth } from '../../faults/soak-growth.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { launchScript } from './scripted-launch.ts'
import { assertShowsPlan, printedVcpus } from './vmm-launch.ts'

describe('many VMs under one supervisor', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'many', LEVELLED_PLAN)
  })
  after(async () => {
    await host.run(['rm', '-rf', '/tmp/many'])
  })

  it('levels 64 that start at once, at less than a megabyte each', async (context) => {
    const { looks, record, stderr } = await launchScript(
      host,
      plan,
      `mkdir -p /tmp/many
       /opt/vmm/vmm > /dev/null; look
       for i in $(seq 64); do /opt/vmm/vmm --hold 3000 > /tmp/many/$i & done
       wait; look`,
    )
    const { stdout } = await host.run(['sh', '-c', 'cat /tmp/many/*'])
    const vcpus = printedVcpus(stdout)
    assert.equal(vcpus.length, 64, `${JSON.stringify(record)}\n${stderr}`)
    for (const vcpu of vcpus) {
      assert.equal(vcpu.init, 0)
      assertShowsPlan(vcpu, 'one of 64')
    }
    context.diagnostic(JSON.stringify(looks))
    const [first, last] = looks
    assert.ok(first && last)
    assert.ok(last.kilobytes - first.kilobytes < 64 * 1024, JSON.stringify(looks))
  })

  it('does not grow over 135 launches, once V8 has come to its size', async (context) => {
    const { looks } = await launchScript(
      host,
      plan,
      `for round in $(seq 9); do
         for i in $(seq 15); do /opt/vmm/vmm > /dev/null || echo FAILED; done
         look
       done`,
    )
    context.diagnostic(JSON.stringify(looks))
    assert.equal(looks.length, 9)
    assert.deepEqual(soakGrowth(looks), [])
  })
})
