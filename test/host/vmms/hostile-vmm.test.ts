import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Plan } from '../../../src/api/plan.ts'
import { HANG_GUARD_S } from '../../harness/eventually.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertAllLevelled, assertShowsPlan } from './vmm-launch.ts'

/** For so long each of them does what it does. */
const HOSTILE_S = 3
/** A supervisor grows by less than that for all that a hostile VMM does in that time. */
const GROWTH_KB = 24 * 1024
/** A VMM beside is served within so many times as long as it takes alone, on a host of one CPU. */
const TIMES_ALONE = 30

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
  { does: 'asks for the IPA size, which is notified, without end', how: 'flood', begun: 'vm', forges: false },
  { does: 'answers its own notifications', how: 'steal-answer', begun: 'stolen', forges: true },
  { does: 'takes its own notifications', how: 'steal', begun: 'stolen', forges: true },
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
  { does: 'makes processes and kills them as they are served', how: 'litter', begun: 'vcpu', forges: false },
]

/** The hostile one begins; when it says that it has, or has ended, a good one starts beside it, and another after it. */
const scriptOf = ({ how, begun }: Hostile): string => `
look; alive
rm -f /tmp/hostile.log
/opt/vmm/hostile ${how} ${HOSTILE_S} > /tmp/hostile.log 2>&1 & hostile=$!
runs() { case "$(cut -d ' ' -f 3 /proc/$hostile/stat 2> /dev/null)" in ''|Z) false ;; esac; }
until grep -q ${begun} /tmp/hostile.log || ! runs; do sleep 0.05; done
try '${how}: beside' /opt/vmm/vmm --vcpus 2
began=$(seconds)
while runs && [ $(($(seconds) - began)) -lt ${HANG_GUARD_S} ]; do sleep 0.1; done
if runs; then echo 'HANGS ${how}'; kill -9 $hostile; fi
try '${how}: itself' cat /tmp/hostile.log
try '${how}: after' /opt/vmm/vmm`

/** With fewer address bits than the host has: KVM_CAP_ARM_VM_IPA_SIZE is notified. */
const hostilePlan: Plan = {
  ...LEVELLED_PLAN,
  registers: LEVELLED_PLAN.registers.map((one) =>
    one.register === 'ID_AA64MMFR0_EL1' ? { ...one, mask: '0xfff0000000f', value: '0x11100000002' } : one,
  ),
}

describe('a hostile VMM', () => {
  let launch: ScriptedLaunch
  before(async () => {
    const host: HostAccess = await connectHost('neoverse-v1')
    const plan = await putRevision(host, 'hostile', hostilePlan)
    launch = await launchScript(
      host,
      plan,
      `try alone /opt/vmm/vmm --vcpus 2\n${HOSTILE.map(scriptOf).join('\n')}\nlook; alive`,
    )
  })

  HOSTILE.forEach(({ does, how, forges }, index) => {
    it(`that ${does} harms no other VMM, nor its supervisor`, (context) => {
      const beside = attemptNamed(launch, `${how}: beside`)
      const after = attemptNamed(launch, `${how}: after`)
      context.diagnostic(`another after ${beside.seconds} s`)
      assertAllLevelled(beside, 2)
      const alone = attemptNamed(launch, 'alone')
      assert.ok(
        beside.seconds <= TIMES_ALONE * alone.seconds,
        `${beside.seconds} s, ${alone.seconds} s alone`,
      )
      assertAllLevelled(after, 1)
      assert.deepEqual(after.left, [])
      const [before, later] = launch.looks.slice(index)
      assert.ok(before && later)
      assert.ok(later.kilobytes - before.kilobytes < GROWTH_KB, JSON.stringify(launch.looks))
      assert.ok(later.fds <= before.fds + 4, JSON.stringify(launch.looks))
      if (forges) return
      const ran = attemptNamed(launch, `${how}: itself`).vcpus.filter(({ init }) => init === 0)
      for (const vcpu of ran) assertShowsPlan(vcpu, launch.stdout)
    })
  })

  it('does not hang, and is served by one supervisor to its end', () => {
    assert.doesNotMatch(launch.stdout, /^HANGS/m)
    assert.ok((launch.supervisors[0] ?? 0) > 0)
    assert.equal(new Set(launch.supervisors).size, 1, launch.supervisors.join())
  })
})
