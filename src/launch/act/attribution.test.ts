import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Plan } from '../../api/plan.ts'
import { hasSve, SimulatedKvm, SVE_BIT } from '../../../test/doubles/simulated-kvm.ts'
import type { SimulatedVcpu } from '../../../test/doubles/simulated-kvm.ts'
import {
  Broken,
  SimulatedLaunch,
  type Meanwhile,
  type Rules,
} from '../../../test/doubles/simulated-launch.ts'
import { guessedSituation } from '../../../test/doubles/guessed-situation.ts'
import { INIT_ADDRESS } from '../../../test/doubles/simulated-vmm.ts'
import { samplePlan } from '../../../test/fixtures/sample-plan.ts'
import { launchPolicy, type LaunchPolicy } from '../decide/launch-policy.ts'

const PLANNED = { isar0: 0x11n, clidr: 0xa20_0023n, lengths: 1n }
const SVE = 1 << SVE_BIT

const policyOf = (changes: Partial<Plan>): LaunchPolicy => {
  const result = launchPolicy(samplePlan(changes))
  assert.ok(result.kind === 'policy')
  return result.policy
}
const RNDR = { register: 'ID_AA64ISAR0_EL1', mask: '0xf000000000000000', value: '0x0' }
const CACHES = { register: 'CLIDR_EL1', mask: '0xffffffffffffffff', value: '0xa200023' }

type Given = {
  readonly enforcement: Plan['enforcement']
  readonly plansClidr: boolean
  readonly plansLengths: boolean
  readonly plansLists: boolean
  readonly isOldKernel: boolean
}

/** What happens to the process, and to a vCPU of it. */
type ProcessAct = 'create-vm' | 'create-vcpu' | 'receive' | 'unshare' | 'exec' | 'wait'
type VcpuAct = 'init' | 'finalize' | 'list' | 'run' | 'dup' | 'close' | 'send'

/** One thing that happens: numbers choose among what is there at that moment. */
type Step = {
  readonly act: ProcessAct | VcpuAct
  readonly which: number
  readonly sve: boolean
  /** What happens while it is served, before the action of this index. */
  readonly at: number
  readonly dies: boolean
  readonly other: 'run' | 'dup' | 'close' | 'nothing'
}

/** A vCPU by one of its fds. */
type Chosen = { readonly table: number; readonly fd: number; readonly vcpu: SimulatedVcpu }

const given: fc.Arbitrary<Given> = fc.record({
  enforcement: fc.constantFrom('Strict', 'Strict', 'BestEffort'),
  plansClidr: fc.boolean(),
  plansLengths: fc.boolean(),
  plansLists: fc.boolean(),
  isOldKernel: fc.boolean(),
})

const ACTS = [
  ...['create-vm', 'create-vcpu', 'create-vcpu', 'init', 'init', 'init', 'init', 'run', 'run', 'run'],
  ...['finalize', 'list', 'dup', 'close', 'send', 'receive', 'unshare', 'exec', 'wait'],
] as Step['act'][]

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom(...ACTS),
  which: fc.nat(7),
  sve: fc.boolean(),
  at: fc.nat(30),
  dies: fc.boolean(),
  other: fc.constantFrom('run', 'run', 'dup', 'close', 'nothing'),
})

/** What happens, one thing after the other, in a process with one VM and one vCPU. */
class Story {
  readonly launch: SimulatedLaunch
  readonly #given: Given

  constructor(one: Given, rules?: Rules) {
    this.#given = one
    const policy = policyOf({
      enforcement: one.enforcement,
      registers: [RNDR, ...(one.plansClidr ? [CACHES] : [])],
      ...(one.plansLengths && { sveVectorLengths: [128] }),
      ...(one.plansLists && { registerList: { exclude: ['0x603000000013c03a'] } }),
    })
    this.launch = new SimulatedLaunch(policy, new SimulatedKvm(one.isOldKernel), rules)
    this.launch.kvm.createVm()
    this.#addVcpu(0)
  }

  happens(one: Step): void {
    const { act } = one
    if (isProcessAct(act)) this.#processActs[act](one)
    else this.#onVcpu(act, one)
  }

  readonly #processActs: Readonly<Record<ProcessAct, (one: Step) => void>> = {
    'create-vm': () => {
      this.launch.serve(0, { kind: 'create-vm' }, 0)
      this.launch.kvm.createVm()
      this.#addVcpu(-1)
    },
    'create-vcpu': ({ which }) => {
      this.#addVcpu(which % this.launch.kvm.vms.length)
    },
    receive: () => {
      const file = this.launch.kvm.sent.pop()
      if (file !== undefined) this.launch.kvm.add(0, file)
    },
    // A thread with a table of its own, or a child of vfork(2); or it has ended.
    unshare: () => {
      const { tables } = this.launch.kvm
      if (tables.length > 1) tables.pop()
      else tables.push(new Map(tables[0]))
    },
    exec: ({ which }) => {
      if (which === 0) this.launch.exec()
    },
    wait: () => {
      this.launch.clock += 11
    },
  }

  #addVcpu(index: number): void {
    const vm = this.launch.kvm.vms.at(index)
    if (vm !== undefined) this.launch.kvm.createVcpu(vm)
  }

  #onVcpu(act: VcpuAct, one: Step): void {
    const { kvm } = this.launch
    const fds = kvm.tables.flatMap((files, table) => [...files].map(([fd, vcpu]) => ({ table, fd, vcpu })))
    const chosen = fds[one.which % Math.max(fds.length, 1)]
    if (chosen !== undefined) this.#vcpuActs[act](chosen, one)
  }

  readonly #vcpuActs: Readonly<Record<VcpuAct, (chosen: Chosen, one: Step) => void>> = {
    init: ({ table, fd }, one) => {
      const call = { kind: 'vcpu-init', fd, argument: INIT_ADDRESS } as const
      this.launch.serve(table, call, one.sve ? SVE : 0, this.#meanwhile(one))
    },
    finalize: ({ table, fd }, one) => {
      // The feature, an int, is where the features of an INIT are.
      const call = { kind: 'vcpu-finalize', fd, argument: INIT_ADDRESS + 4n } as const
      this.launch.serve(table, call, SVE_BIT, this.#meanwhile(one))
    },
    list: ({ table, fd }, one) => {
      const call = { kind: 'get-reg-list', fd, argument: INIT_ADDRESS } as const
      this.launch.serve(table, call, 0, this.#meanwhile(one))
    },
    run: ({ vcpu }) => {
      this.#run(vcpu)
    },
    dup: ({ table, vcpu }) => {
      this.launch.kvm.add(table, vcpu)
    },
    close: ({ table, fd }) => {
      this.launch.kvm.tables[table]?.delete(fd)
    },
    send: ({ table, fd, vcpu }) => {
      this.launch.kvm.sent.push(vcpu)
      this.launch.kvm.tables[table]?.delete(fd)
    },
  }

  /** What other threads do while a call is served, with its vCPU too. */
  #meanwhile({ which, at, dies, other }: Step): Meanwhile {
    const vcpus = this.launch.kvm.reachable()
    const one = vcpus[which % Math.max(vcpus.length, 1)]
    const acts = { run: this.#run, dup: this.#duplicate, close: this.#close, nothing: () => undefined }
    return {
      at,
      dies,
      act: () => {
        if (one !== undefined) acts[other].call(this, one)
      },
    }
  }

  #duplicate(vcpu: SimulatedVcpu): void {
    this.launch.kvm.add(0, vcpu)
  }

  #close(vcpu: SimulatedVcpu): void {
    for (const fds of this.launch.kvm.tables) for (const [fd, file] of fds) if (file === vcpu) fds.delete(fd)
  }

  /** What a VMM runs that it was told it has made must be as planned, or reported. What else KVM lets it run it runs as it is. */
  #run(vcpu: SimulatedVcpu): void {
    if (!this.launch.kvm.run(vcpu) || !this.launch.usable.has(vcpu) || this.#isAsPlanned(vcpu)) return
    const isReported = this.launch.facts.some(({ kind }) => kind === 'refusals')
    if (this.#given.enforcement === 'Strict' || !isReported) throw new Broken('a vCPU runs unmasked')
  }

  #isAsPlanned(vcpu: SimulatedVcpu): boolean {
    const { plansClidr, plansLengths } = this.#given
    if (plansClidr && vcpu.clidr !== PLANNED.clidr) return false
    if (plansLengths && hasSve(vcpu) && vcpu.lengths !== PLANNED.lengths) return false
    return vcpu.vm.isar0 === PLANNED.isar0
  }
}

const PROCESS_ACTS = new Set<string>(['create-vm', 'create-vcpu', 'receive', 'unshare', 'exec', 'wait'])
const isProcessAct = (act: Step['act']): act is ProcessAct => PROCESS_ACTS.has(act)

const told = (steps: readonly Step[]): string => steps.map(({ act, which }) => `${act} ${which}`).join(', ')

type Judging = { readonly rules?: Rules; /** The only one that counts. */ readonly promise?: string }

const keepsPromises = (one: Given, steps: readonly Step[], { rules, promise = '' }: Judging): void => {
  const story = new Story(one, rules)
  for (const [index, next] of steps.entries()) {
    if (story.launch.isOver) return
    try {
      story.happens(next)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      assert.ok(!error.message.startsWith(promise), `${error.message}: ${told(steps.slice(0, index + 1))}`)
      return
    }
  }
}

const property = (judging: Judging = {}) =>
  fc.property(given, fc.array(step, { maxLength: 40, size: 'max' }), (one, steps) => {
    keepsPromises(one, steps, judging)
  })

describe('what is decided of vCPUs by their marks', () => {
  it('lets none run unmasked, and binds no VM that ran, whatever a VMM does and whenever a supervisor dies', () => {
    fc.assert(property(), { numRuns: 2000 })
  })

  it('reaches what it is about: vCPUs that run, are reset, and join VMs that run', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(given, fc.array(step, { maxLength: 40, size: 'max' }), (one, steps) => {
        const story = new Story(one)
        for (const next of steps) if (!story.launch.isOver) story.happens(next)
        for (const { hasEntered, number } of story.launch.kvm.reachable())
          if (hasEntered) seen.add(`ran in state ${number}`)
        for (const fact of story.launch.facts)
          if (fact.kind === 'refusals') for (const { reason } of fact.refusals) seen.add(reason)
        const kinds = story.launch.facts.map(({ kind }) => kind)
        if (kinds.some((kind, index) => kind === 'sight-lost' && kinds[index + 1] === 'vcpu'))
          seen.add('levelled out of sight')
      }),
      { numRuns: 1000 },
    )
    assert.ok(seen.size >= 6, [...seen].join())
    for (const one of [
      ...['ProcessHasRunningVm', 'LateVcpuNotLevelled', 'VcpuNotSeen', 'RanDuringStop'],
      'levelled out of sight',
    ])
      assert.ok(seen.has(one), `${one} among ${[...seen].join()}`)
  })
})

describe('what was decided by a clock and by counting', () => {
  for (const [promise, seed] of [
    ['a vCPU runs unmasked', 1],
    ['the life of a process whose VM ran is bound to that of a supervisor', 2],
  ] as const)
    it(`breaks a promise: ${promise}`, () => {
      const { failed } = fc.check(property({ rules: guessedSituation, promise }), { numRuns: 500, seed })
      assert.ok(failed)
    })
})
