import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { z } from 'zod'
import { connectHost } from '../../harness/lab-session.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { levelledPlan, putRevision } from '../launch/revision-file.ts'
import { assertShowsPlan, printedVcpus } from './vmm-launch.ts'

const supervisor = z.object({ kilobytes: z.number(), fds: z.number(), zombies: z.number() })

/** What a supervisor holds: resident memory, open files, children that nobody waited for. */
const LOOK = `
look() {
  for process in /proc/[0-9]*; do
    case "$(readlink $process/exe)" in */node) grep -q supervise $process/cmdline && break ;; esac
  done
  rss=$(awk '/^VmRSS/ {print $2}' $process/status)
  zombies=$(cat /proc/[0-9]*/stat 2>/dev/null | awk '$3 == "Z"' | wc -l)
  echo "LOOK {\\"kilobytes\\":$rss,\\"fds\\":$(ls $process/fd | wc -l),\\"zombies\\":$zombies}"
}
`

/** Runs a script of shell as the "VMM" of one launch, so that all it starts is served by one supervisor. */
const launchScript = async (
  host: HostAccess,
  script: string,
): Promise<{ stdout: string; stderr: string; looks: z.infer<typeof supervisor>[] }> => {
  const plan = await putRevision(host, 'many', levelledPlan)
  const record = '/tmp/many.record.json'
  const { stdout, stderr, exitCode } = await host.run(
    ['cpufeatures', 'run', '--plan', plan, '--record', record, '--', 'sh', '-c', `${LOOK}${script}`],
    { timeoutSeconds: 600 },
  )
  assert.equal(exitCode, 0, stderr)
  const looks = [...stdout.matchAll(/^LOOK (.*)$/gm)].map(([, json = '']) =>
    supervisor.parse(JSON.parse(json)),
  )
  return { stdout, stderr, looks }
}

describe('many VMs under one supervisor', () => {
  let host: HostAccess
  before(async () => {
    host = await connectHost('neoverse-v1')
  })
  after(async () => {
    await host.run(['rm', '-rf', '/tmp/many'])
  })

  it('levels 64 that start at once, at less than a megabyte each', async (context) => {
    const { looks } = await launchScript(
      host,
      `mkdir -p /tmp/many
       /opt/vmm/vmm > /dev/null; look
       for i in $(seq 64); do /opt/vmm/vmm --hold 3000 > /tmp/many/$i & done
       wait; look`,
    )
    const { stdout } = await host.run(['sh', '-c', 'cat /tmp/many/*'])
    const vcpus = printedVcpus(stdout)
    assert.equal(vcpus.length, 64)
    for (const vcpu of vcpus) {
      assert.equal(vcpu.init, 0)
      assertShowsPlan(vcpu, 'one of 64')
    }
    context.diagnostic(JSON.stringify(looks))
    const [first, last] = looks
    assert.ok(first && last)
    assert.ok(last.kilobytes - first.kilobytes < 64 * 1024, JSON.stringify(looks))
  })

  it('holds no more after 100 launches than after 50', async (context) => {
    const { looks } = await launchScript(
      host,
      `round() { for i in $(seq 50); do /opt/vmm/vmm > /dev/null || echo FAILED; done; look; }
       round; round`,
    )
    context.diagnostic(JSON.stringify(looks))
    const [first, last] = looks
    assert.ok(first && last)
    assert.ok(last.fds <= first.fds + 1, JSON.stringify(looks))
    assert.equal(last.zombies, 0)
    assert.ok(last.kilobytes - first.kilobytes < 8 * 1024, JSON.stringify(looks))
  })
})
