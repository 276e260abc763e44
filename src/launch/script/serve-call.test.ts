import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Plan } from '../../api/plan.ts'
import { registerByName } from '../../arm64/register.ts'
import { KVM_CREATE_VM } from '../../linux/abi/kvm.ts'
import { launchPolicy, type LaunchPolicy } from '../decide/launch-policy.ts'
import type { NotifiedCall } from '../decide/notified-call.ts'
import type { CallSituation } from '../decide/call-situation.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { FRESH_PROCESS } from '../../../test/fixtures/sample-situation.ts'
import type { Action, ResultOf } from './action.ts'
import { serveCall } from './serve-call.ts'
import {
  INIT_ADDRESS,
  isLast,
  SimulatedVmm,
  type SimulatedOptions,
} from '../../../test/doubles/simulated-vmm.ts'

const idOf = (name: string): bigint => registerByName(name)?.kvmRegisterId ?? 0n
const ISAR0 = idOf('ID_AA64ISAR0_EL1')
const MMFR0 = idOf('ID_AA64MMFR0_EL1')
const LEFT_OUT = 0x603000000013c03an

const plan = (changes: Partial<Plan> = {}): LaunchPolicy => {
  const result = launchPolicy(
    samplePlan({
      registers: [
        { register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0x0' },
        { register: 'ID_AA64MMFR0_EL1', mask: '0xf00000000', value: '0x100000000' },
      ],
      registerList: { exclude: ['0x603000000013c03a'] },
      vcpuFeatures: { sve: 'Disabled' },
      ...changes,
    }),
  )
  assert.ok(result.kind === 'policy')
  return result.policy
}

const registers = new Map([
  [ISAR0, 0x1000_0000_0000_0011n],
  [MMFR0, 0x1125n],
  [LEFT_OUT, 0x1011n],
])
const INIT: NotifiedCall = { kind: 'vcpu-init', fd: 9, argument: INIT_ADDRESS }

type Serving = {
  readonly call?: NotifiedCall
  readonly situation?: CallSituation
  readonly until?: number
}

const serve = (
  policy: LaunchPolicy,
  options: Partial<SimulatedOptions> = {},
  { call = INIT, situation = FRESH_PROCESS, until = Infinity }: Serving = {},
): { vmm: SimulatedVmm; answer: string | undefined } => {
  const vmm = new SimulatedVmm({ registers, looks: () => situation, ...options })
  const answer = vmm.run(
    serveCall(policy, { call, args: [9n, BigInt(KVM_CREATE_VM), INIT_ADDRESS], situation }),
    until,
  )
  return { vmm, answer }
}

/** With what the call went on, and whether that was the last that was done to it. */
const goesOn = ({ actions }: SimulatedVmm): Action | undefined => {
  const ends = actions.filter(isLast)
  assert.ok(ends.length <= 1, 'a call goes on once')
  const rest = actions.slice(actions.findIndex(isLast) + 1)
  assert.ok(ends.length === 0 || rest.every((one) => one.do === 'begin'), 'and nothing is done to it then')
  return ends[0]
}

const showsPlan = (vmm: SimulatedVmm): boolean =>
  (vmm.registers.get(ISAR0) ?? 0n) >> 60n === 0n && ((vmm.registers.get(MMFR0) ?? 0n) >> 32n) % 16n === 1n

describe('serving KVM_ARM_VCPU_INIT', () => {
  it('levels the vCPU, keeps its register list without what is left out, and lets it go', () => {
    const { vmm, answer } = serve(plan())
    assert.equal(answer, 'injected')
    assert.deepEqual(goesOn(vmm), { do: 'let-go', value: 0n })
    assert.ok(showsPlan(vmm))
    assert.equal(vmm.registers.get(ISAR0), 0x11n)
    assert.deepEqual(
      vmm.facts.find(({ kind }) => kind === 'vm-kept'),
      { kind: 'vm-kept', label: FRESH_PROCESS.freshLabel, features: [], list: [ISAR0, MMFR0] },
    )
    assert.ok(vmm.facts.some(({ kind }) => kind === 'vcpu'))
  })

  it('comes to the same where no code can be run in the VMM, call by call', () => {
    const { vmm } = serve(plan(), { traps: false })
    assert.ok(showsPlan(vmm))
    assert.ok(vmm.actions.every((one) => one.do !== 'run'))
    assert.deepEqual(goesOn(vmm), { do: 'let-go', value: 0n })
  })

  it('refuses what the plan disables, before anything is made', () => {
    const { vmm } = serve(plan(), { features: 1 << 4 })
    assert.deepEqual(goesOn(vmm), { do: 'let-go', value: -22n })
    assert.ok(vmm.actions.every((one) => one.do !== 'bind'))
  })

  it('marks a vCPU with SVE that lacks what the plan requires, so that its FINALIZE is judged, once', () => {
    const [SVE, PMU] = [1 << 4, 1 << 3]
    const policy = plan({ vcpuFeatures: { pmu: 'Required' }, enforcement: 'BestEffort' })
    const last = (features: number, state: 'none' | 'unlevelled') => {
      const vcpu = { kind: 'vcpu', state, vm: 'none', label: 0 } as const
      const { vmm } = serve(policy, { features }, { situation: { ...FRESH_PROCESS, vcpu } })
      const found = vmm.facts.flatMap((fact) => (fact.kind === 'refusals' ? fact.refusals : []))
      const marks = vmm.actions.flatMap((one) => (one.do === 'mark' ? [one.state] : []))
      return [marks.at(-1), ...found.map(({ reason }) => reason)]
    }
    assert.deepEqual(last(SVE, 'none'), ['lacking'])
    assert.deepEqual(last(SVE, 'unlevelled'), ['unlevelled', 'VcpuFeatureNotAsked'])
    assert.deepEqual(last(SVE | PMU, 'none'), ['levelled'])
    assert.deepEqual(last(0, 'none'), ['unlevelled', 'VcpuFeatureNotAsked'])
  })

  it('fails under Strict where KVM keeps another value, and goes on under BestEffort', () => {
    const keeps = (id: bigint, value: bigint): bigint => (id === MMFR0 ? 0x1125n : value)
    const strict = serve(plan(), { keeps })
    assert.deepEqual(goesOn(strict.vmm), { do: 'let-go', value: -22n })
    const lax = serve(plan({ enforcement: 'BestEffort' }), { keeps })
    assert.deepEqual(goesOn(lax.vmm), { do: 'let-go', value: 0n })
    for (const { vmm } of [strict, lax]) {
      const found = vmm.facts.flatMap((fact) => (fact.kind === 'refusals' ? fact.refusals : []))
      assert.deepEqual(
        found.map(({ register, field }) => [register, field]),
        [['ID_AA64MMFR0_EL1', 'TGRAN16_2']],
      )
    }
  })

  it('lets nothing go before it is levelled, wherever the thread is lost', () => {
    const { length } = serve(plan()).vmm.actions
    assert.ok(length > 20)
    for (let until = 0; until < length; until += 1) {
      const { vmm, answer } = serve(plan(), {}, { until })
      assert.equal(answer, undefined)
      if (goesOn(vmm) !== undefined) assert.ok(showsPlan(vmm), `lost before action ${until}`)
    }
  })

  it('lets no vCPU go with success under Strict that does not show the plan, whatever fails on the way', () => {
    const errno = fc.constantFrom(-4n, -5n, -12n, -14n, -22n)
    const disturbance = fc.record({ at: fc.nat(40), errno })
    fc.assert(
      fc.property(fc.array(disturbance, { maxLength: 4 }), fc.boolean(), (disturbances, traps) => {
        const disturbs = (action: Action, index: number): { result: ResultOf<Action> } | undefined => {
          const one = disturbances.find(({ at }) => at === index)
          if (one === undefined) return undefined
          if (action.do === 'call') return { result: one.errno }
          if (action.do === 'read') return { result: undefined }
          return ['run', 'write', 'write-code', 'save', 'mark'].includes(action.do)
            ? { result: false }
            : undefined
        }
        const { vmm } = serve(plan(), { disturbs, traps })
        const end = goesOn(vmm)
        assert.ok(end !== undefined)
        if (end.do === 'let-go' && end.value === 0n) assert.ok(showsPlan(vmm))
      }),
      { numRuns: 2000 },
    )
  })
})

describe('serving other calls', () => {
  it('makes a VM whose implementation ID can be written, before any vCPU', () => {
    const policy = plan({ implementation: { midr: '0x413fd0c1' } })
    const { vmm } = serve(policy, {}, { call: { kind: 'create-vm' } })
    assert.deepEqual(goesOn(vmm), { do: 'let-go', value: 7n })
    assert.equal(vmm.facts[0]?.kind, 'vm')
    assert.ok(vmm.facts.some((fact) => fact.kind === 'call' && fact.call.includes('IMP_ID')))
  })

  it('answers the IPA size of the plan without touching the VMM', () => {
    const registers = [{ register: 'ID_AA64MMFR0_EL1', mask: '0xf', value: '0x2' }]
    const { vmm } = serve(plan({ registers }), {}, { call: { kind: 'check-extension', capability: 165 } })
    assert.deepEqual(vmm.actions, [
      { do: 'begin', step: 'answer' },
      { do: 'note', fact: { kind: 'answered' } },
      { do: 'answer', value: 40n },
    ])
  })

  it('says that SVE is finalised where there is none, and lets KVM answer for anything else', () => {
    const finalize = (features: number, argument: bigint): SimulatedVmm =>
      serve(plan(), { features }, { call: { kind: 'vcpu-finalize', fd: 9, argument } }).vmm
    // Where the simulated VMM has the features it asks for an int may stand as well.
    const feature = INIT_ADDRESS + 4n
    assert.deepEqual(goesOn(finalize(4, feature)), { do: 'answer', value: 0n })
    assert.deepEqual(goesOn(finalize(9, feature)), { do: 'resume' })
    assert.deepEqual(goesOn(finalize(4, 0n)), { do: 'resume' })
    assert.ok(finalize(4, feature).actions.every(({ do: what }) => what !== 'stop'))
  })

  it('gives a kept register list without stopping its thread, and says E2BIG where there is no room', () => {
    const situation = { ...FRESH_PROCESS, mayHaveRun: true, registerList: [1n, 2n, 3n] }
    const call: NotifiedCall = { kind: 'get-reg-list', fd: 9, argument: INIT_ADDRESS }
    const small = serve(plan(), {}, { call, situation })
    assert.deepEqual(goesOn(small.vmm), { do: 'answer', value: -7n })
    const roomy = serve(plan(), { features: 3 }, { call, situation: { ...situation, registerList: [1n] } })
    assert.deepEqual(goesOn(roomy.vmm), { do: 'answer', value: 0n })
    for (const { vmm } of [small, roomy]) assert.ok(vmm.actions.every(({ do: what }) => what !== 'stop'))
  })

  it('says by name that a thread could not be traced, and fails its call under Strict only', () => {
    const disturbs = (action: Action): { result: ResultOf<Action> } | undefined =>
      action.do === 'stop' ? { result: { kind: 'not-traceable', errno: 1 } } : undefined
    const strict = serve(plan(), { disturbs })
    assert.deepEqual(goesOn(strict.vmm), { do: 'answer', value: -5n })
    assert.deepEqual(goesOn(serve(plan({ enforcement: 'BestEffort' }), { disturbs }).vmm), { do: 'resume' })
    const found = strict.vmm.facts.flatMap((fact) =>
      fact.kind === 'refusals' && fact.failed ? fact.refusals : [],
    )
    assert.deepEqual(
      found.map(({ reason }) => reason),
      ['NotTraceable'],
    )
  })
})
