import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { levelledPlan, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertAllLevelled, assertShowsPlan, printedVcpus } from './vmm-launch.ts'

/** A supervisor grows by less than that for all that a hostile VMM does in five seconds. */
const GROWTH_KB = 24 * 1024
/** A VMM beside is served in this time, on a host of one emulated CPU. It takes half a second alone. */
const IN_TIME_S = 15

type Hostile = {
  readonly does: string
  /** A way of test/fixtures/vmm/hostile.c, and what it prints when it has begun. */
  readonly how: string
  readonly begun: string
  /** Whether what its own vCPUs show can be its own forgery: it answered in the supervisor's stead, or wrote into its memory. */
  readonly forges: boolean
}

const HOSTILE: readonly Hostile[] = [
  { does: 'rewrites the argument of its INIT from a thread', how: 'race', begun: 'vcpu', forges: false },
  { does: 'unmaps what is mapped into it', how: 'unmap', begun: 'vcpu', forges: false },
  { does: 'fills with nonsense what is mapped into it', how: 'scribble', begun: 'vcpu', forges: true },
  { does: 'closes every file it has, and executes another', how: 'lose', begun: 'vcpu', forges: false },
  { does: 'asks for a hidden capability without end', how: 'flood', begun: 'vm', forges: false },
  { does: 'makes processes and kills them as they are served', how: 'litter', begun: 'vcpu', forges: false },
  { does: 'takes its own notifications', how: 'steal', begun: 'stolen', forges: true },
  { does: 'answers its own notifications', how: 'steal-answer', begun: 'stolen', forges: true },
  {
    does: 'takes the notification of the call made on its behalf',
    how: 'steal-injected',
    begun: 'stolen',
    forges: true,
  },
  {
    does: 'answers the notification of the call made on its behalf',
    how: 'steal-injected-answer',
    begun: 'stolen',
    forges: true,
  },
]

/** The hostile one begins; after two seconds, or when it says that it has, a good one starts beside it. */
const script = ({ how, begun }: Hostile): string => `
alive; look
/opt/vmm/hostile ${how} 5 > /tmp/hostile.log 2>&1 & hostile=$!
tries=0
until grep -q ${begun} /tmp/hostile.log || [ $tries -gt 40 ]; do sleep 0.05; tries=$((tries+1)); done
limit=${2 * IN_TIME_S}
try good /opt/vmm/vmm --vcpus 2
tries=0
while kill -0 $hostile 2> /dev/null && [ "$(cut -d ' ' -f 3 /proc/$hostile/stat)" != Z ] && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries+1)); done
[ $tries -lt 100 ] || echo HANGS
kill -9 $hostile 2> /dev/null
sleep 0.5
left
sed 's/^/HOSTILE /' /tmp/hostile.log
try after /opt/vmm/vmm
look; alive`

describe('a hostile VMM', () => {
  let host: HostAccess
  let plan: string
  before(async () => {
    host = await connectHost('neoverse-v1')
    plan = await putRevision(host, 'hostile', levelledPlan)
  })

  const assertHarmless = ({ stdout, supervisors, looks, attempts }: ScriptedLaunch): void => {
    const [first, last] = supervisors
    assert.ok(first !== undefined && first > 0)
    assert.equal(last, first, 'the supervisor is another')
    assert.doesNotMatch(stdout, /^HANGS$/m)
    const [before, after] = looks
    assert.ok(before && after)
    assert.ok(after.kilobytes - before.kilobytes < GROWTH_KB, JSON.stringify(looks))
    assert.ok(after.fds <= before.fds + 4, JSON.stringify(looks))
    assert.deepEqual(attempts.get('after')?.left, [])
  }

  for (const hostile of HOSTILE)
    it(`that ${hostile.does} harms no other VMM, nor its supervisor`, async (context) => {
      const launch = await launchScript(host, plan, script(hostile))
      const good = attemptNamed(launch, 'good')
      const own = printedVcpus(launch.stdout.replaceAll(/^HOSTILE /gm, '')).slice(good.vcpus.length)
      context.diagnostic(`good after ${good.seconds} s; ${JSON.stringify(launch.looks)}`)
      assertAllLevelled(good, 2)
      assert.ok(good.seconds <= IN_TIME_S, `${good.seconds} s`)
      assertAllLevelled(attemptNamed(launch, 'after'), 1)
      assertHarmless(launch)
      if (!hostile.forges) for (const vcpu of own) if (vcpu.init === 0) assertShowsPlan(vcpu, launch.stdout)
    })
})
