import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as z from 'zod'
import type { Plan } from '../../../src/api/plan.ts'
import { WIDEST_IOCTLS } from '../../../src/launch/decide/widest-ioctls.ts'
import { encodeBpf } from '../../../src/linux/abi/bpf.ts'
import { filterProgram } from '../../../src/linux/seccomp/filter-program.ts'
import { samplePlan } from '../../fixtures/sample-plan.ts'
import type { HostAccess } from '../../harness/host-access.ts'
import type { HostProcess } from '../../harness/host-process.ts'
import { startHostSupervisor } from '../../harness/host-supervisor.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { GUEST_COMMAND } from '../launch/guest-launch.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'

/** The filter of a pod, which is the same for every plan. */
const WIDEST = filterProgram(WIDEST_IOCTLS)

const FOLDER = '/tmp/wide-filter'
const SOCKET = `${FOLDER}/socket`

const HOST_BASE = samplePlan({ registers: [] })
const CLIDR = { register: 'CLIDR_EL1', mask: '0xffffffffffffffff', value: '0xa200023' }

/** A plan, and what a VMM does under it: steps of test/fixtures/vmm/stepwise.c. With PSCI a vCPU is INITed with 0x4, SVE is 0x10. */
const CASES: readonly (readonly [name: string, plan: Plan, steps: string])[] = [
  [
    'levels registers and the register list',
    LEVELLED_PLAN,
    'vm:A vcpu:A0 init:A0 run:A0 init:A0 run:A0 list:A0',
  ],
  ['leaves all as it is', HOST_BASE, 'vm:A vcpu:A0 init:A0 run:A0 list:A0'],
  ['leaves SVE as it is', HOST_BASE, 'vm:A vcpu:A0 init:A0:0x14 finalize:A0 run:A0 list:A0'],
  [
    'has SVE vector lengths',
    { ...LEVELLED_PLAN, vcpuFeatures: { sve: 'Required' }, sveVectorLengths: [128] },
    'vm:A vcpu:A0 init:A0:0x14 finalize:A0 lengths:A0 run:A0 list:A0',
  ],
  ['has CLIDR_EL1', samplePlan({ registers: [CLIDR] }), 'vm:A vcpu:A0 init:A0 run:A0 vcpu:A1 init:A1'],
  [
    'has fewer address bits',
    samplePlan({ registers: [{ register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x2' }] }),
    'vm:A vcpu:A0 init:A0 run:A0',
  ],
  [
    'disables what the VMM asks for',
    samplePlan({ vcpuFeatures: { sve: 'Disabled', pmu: 'Disabled' } }),
    'vm:A vcpu:A0 init:A0:0x14',
  ],
  [
    'requires what the VMM does not ask for',
    samplePlan({ vcpuFeatures: { pmu: 'Required' } }),
    'vm:A vcpu:A0 init:A0:0x14 finalize:A0',
  ],
  [
    'is BestEffort, with a second VM beside one that runs',
    { ...LEVELLED_PLAN, enforcement: 'BestEffort' },
    'vm:A vcpu:A0 init:A0 run:A0 vm:B vcpu:B0 init:B0 list:A0',
  ],
]

const lastingRecord = z.object({
  outcome: z.string(),
  vms: z.number(),
  vcpus: z.number(),
  planned: z.array(z.string()),
  hidden: z.array(z.string()),
  registers: z.array(z.unknown()),
  refused: z.array(z.object({ reason: z.string() })),
})

type Launched = { readonly printed: string; readonly record: z.infer<typeof lastingRecord> }

/** What is the same at each launch: not the numbers of files, which depend on when the supervisor put its own into the VMM, nor times. */
const lasting = (stdout: string): string =>
  stdout
    .replace(/("step":"(?:vm|vcpu):\w+","result":)\d+/g, '$1fd')
    .replace(/("(?:n|initN)anoseconds":)\d+/g, '$1time')

describe('a filter that notifies more than a plan needs, as that of a pod', () => {
  let host: HostAccess
  let supervisor: HostProcess
  before(async () => {
    host = await connectHost('neoverse-v1')
    await host.run(['sh', '-c', `rm -rf ${FOLDER}; mkdir ${FOLDER}`])
    const local = await mkdtemp(join(tmpdir(), 'wide-filter-'))
    await writeFile(join(local, 'filter'), encodeBpf(WIDEST))
    await host.put(join(local, 'filter'), `${FOLDER}/filter`)
    await rm(local, { recursive: true })
    supervisor = await startHostSupervisor(host, SOCKET)
  })
  after(async () => {
    supervisor.kill()
    await supervisor.exited
  })

  /** Launches a command, and gives back what it printed and its record when it has ended. */
  const launched = async (launcher: readonly string[], command: readonly string[]): Promise<Launched> => {
    const record = `${FOLDER}/record.json`
    await host.run(['rm', '-f', record])
    const { stdout, stderr } = await host.run([...launcher, ...command])
    const ended = `while ls ${FOLDER}/launches | grep -q launch-; do sleep 0.1; done; cat ${record}`
    const told = await host.run(['sh', '-c', ended])
    assert.equal(told.exitCode, 0, `${stdout}\n${stderr}\n${supervisor.stderr()}`)
    const { outcome, ...rest } = lastingRecord.parse(JSON.parse(told.stdout))
    // Whether debugfs was looked at in time depends on when the VMM ended.
    return {
      printed: lasting(stdout),
      record: { ...rest, outcome: outcome === 'verified' ? 'applied' : outcome },
    }
  }

  const underOwnFilter = async (plan: Plan, command: readonly string[]): Promise<Launched> => {
    const file = await putRevision(host, 'own-filter', plan)
    const record = ['--record', `${FOLDER}/record.json`]
    return launched(['cpufeatures', 'run', '--supervisor', SOCKET, '--plan', file, ...record, '--'], command)
  }

  const underWidest = async (plan: Plan, command: readonly string[]): Promise<Launched> => {
    const order = { plan, quiet: true, recordFile: `${FOLDER}/record.json` }
    await host.run(['sh', '-c', `cat > ${FOLDER}/order`], { input: JSON.stringify(order) })
    return launched(['/opt/vmm/under-filter', SOCKET, `${FOLDER}/order`, `${FOLDER}/filter`], command)
  }

  for (const [name, plan, steps] of CASES)
    it(`gives the same record and guest under a plan that ${name}`, async () => {
      const command = ['/opt/vmm/stepwise', ...steps.split(' ')]
      const own = await underOwnFilter(plan, command)
      assert.match(own.printed, /"step":"vm:A"/)
      assert.deepEqual(await underWidest(plan, command), own)
    })

  it('lets QEMU build a guest without SVE where the plan hides it: the notified query answers 0', async () => {
    const { printed, record } = await underWidest(LEVELLED_PLAN, GUEST_COMMAND)
    const features = (/^Features\s*: (.*)$/m.exec(printed)?.[1] ?? '').trim().split(/\s+/)
    assert.ok(features.includes('fp'), printed)
    for (const hidden of ['sve', 'paca', 'pacg', 'rng']) assert.ok(!features.includes(hidden), hidden)
    assert.deepEqual(record.refused, [])
    assert.equal(record.outcome, 'applied')
  })
})
