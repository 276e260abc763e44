import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Plan } from '../../../src/api/plan.ts'
import { connectHost } from '../../harness/lab-session.ts'
import { LEVELLED_PLAN, putRevision } from '../launch/revision-file.ts'
import { attemptNamed, launchScript } from './scripted-launch.ts'
import type { ScriptedLaunch } from './scripted-launch.ts'
import { assertEndsWell, stepResult, tryOf } from './situation.ts'
import type { Situation } from './situation.ts'

type Steps = Omit<Situation, 'under'>

/** Two levels of cache: Ctype1 3, Ctype2 4, LoUIS 1, LoC 2, LoUU 1. */
const CLIDR = 0xa20_0023n

const CLIDR_PLAN: Plan = {
  ...LEVELLED_PLAN,
  registers: [
    ...LEVELLED_PLAN.registers,
    { register: 'CLIDR_EL1', mask: '0xffffffffffffffff', value: `0x${CLIDR.toString(16)}` },
  ],
}

const CLIDR_SITUATIONS: readonly Steps[] = [
  {
    name: 'is on a vCPU that is made when another is levelled',
    steps: 'vm:A vcpu:A0 init:A0 vcpu:A1 init:A1 run:A0 run:A1',
  },
  {
    name: 'is on a vCPU that is reset as soon as it has run',
    steps: 'vm:A vcpu:A0 init:A0 run:A0 init:A0 run:A0',
  },
  {
    name: 'is on a vCPU that is made when another has run, or it is refused',
    steps: 'vm:A vcpu:A0 init:A0 run:A0 vcpu:A1 init:A1 run:A1',
    either: ['A1'],
  },
  {
    name: 'is on a vCPU that is made before another has run and INITed after that, or it is refused',
    steps: 'vm:A vcpu:A0 vcpu:A1 init:A0 run:A0 init:A1 run:A1',
    either: ['A1'],
  },
  {
    name: 'is on a vCPU that is made while another is in guest mode, or it is refused, and the other goes on',
    steps: 'vm:A vcpu:A0 init:A0 spin:A0 vcpu:A1 init:A1 run:A1 goes-on:A',
    either: ['A1'],
  },
]

/** With PSCI and SVE. */
const SVE_INIT = '0x14'
/** The bit of 128 in KVM_REG_ARM64_SVE_VLS; a Neoverse V1 has that of 256 too. */
const PLANNED_LENGTHS = 1

const LENGTHS_PLAN: Plan = {
  ...LEVELLED_PLAN,
  vcpuFeatures: { sve: 'Required', pointerAuthentication: 'Disabled' },
  sveVectorLengths: [128],
}

const made = (vcpu: string): string => `init:${vcpu}:${SVE_INIT} finalize:${vcpu} lengths:${vcpu} run:${vcpu}`

const LENGTHS_SITUATIONS: readonly Steps[] = [
  { name: 'are those of a vCPU', steps: `vm:A vcpu:A0 ${made('A0')}` },
  {
    name: 'are those of a vCPU that is INITed twice before it is finalised, or it is refused',
    steps: `vm:A vcpu:A0 init:A0:${SVE_INIT} ${made('A0')}`,
    either: ['A0'],
  },
  {
    name: 'are those of a vCPU that is reset when it has run',
    steps: `vm:A vcpu:A0 ${made('A0')} init:A0:${SVE_INIT} lengths:A0 run:A0`,
  },
  {
    name: 'are those of a vCPU that comes when another has run, or it is refused',
    steps: `vm:A vcpu:A0 ${made('A0')} vcpu:A1 ${made('A1')}`,
    either: ['A1'],
  },
]

const launched = async (name: string, plan: Plan, situations: readonly Steps[]): Promise<ScriptedLaunch> => {
  const host = await connectHost('neoverse-v1')
  return launchScript(
    host,
    await putRevision(host, name, plan),
    situations.map((one) => tryOf(one)).join('\n'),
  )
}

const assertRefusedByName = ({ record, attempts }: ScriptedLaunch): void => {
  const refused = [...attempts.values()].flatMap(({ vcpus }) => vcpus).filter(({ init }) => init !== 0)
  const reasons = record.refused.filter(({ reason }) => reason === 'LateVcpuNotLevelled')
  assert.ok(refused.length === 0 || reasons.length > 0, JSON.stringify(record))
}

describe('CLIDR_EL1 of a plan', () => {
  let launch: ScriptedLaunch
  before(async () => {
    launch = await launched('late-clidr', CLIDR_PLAN, CLIDR_SITUATIONS)
  })
  for (const situation of CLIDR_SITUATIONS)
    it(situation.name, () => {
      assertEndsWell(launch, situation)
      const { vcpus, stdout } = attemptNamed(launch, situation.name)
      for (const { init, registers } of vcpus)
        if (init === 0) assert.deepEqual(registers['CLIDR_EL1'], [CLIDR, CLIDR], stdout)
    })
  it('is named by the record where a vCPU was refused for it', () => {
    assertRefusedByName(launch)
  })
})

describe('SVE vector lengths of a plan', () => {
  let launch: ScriptedLaunch
  before(async () => {
    launch = await launched('late-lengths', LENGTHS_PLAN, LENGTHS_SITUATIONS)
  })
  for (const situation of LENGTHS_SITUATIONS)
    it(situation.name, () => {
      assertEndsWell(launch, situation)
      const attempt = attemptNamed(launch, situation.name)
      for (const vcpu of ['A0', 'A1']) {
        const isFinal = attempt.stdout.includes(`"finalize:${vcpu}","result":0`)
        if (isFinal) assert.equal(stepResult(attempt, `lengths:${vcpu}`), PLANNED_LENGTHS, attempt.stdout)
      }
    })
  it('are named by the record where a vCPU was refused for them', () => {
    assertRefusedByName(launch)
  })
})
