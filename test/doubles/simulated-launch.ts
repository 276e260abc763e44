import { CallVcpus } from '../../src/launch/act/call-vcpus.ts'
import { KeptVms } from '../../src/launch/act/kept-vms.ts'
import type { CallSituation } from '../../src/launch/decide/call-situation.ts'
import type { LaunchPolicy } from '../../src/launch/decide/launch-policy.ts'
import { looksAtVcpus } from '../../src/launch/decide/looks-at-vcpus.ts'
import type { NotifiedCall } from '../../src/launch/decide/notified-call.ts'
import { onNotification } from '../../src/launch/decide/on-notification.ts'
import type { VmState } from '../../src/launch/launch-state.ts'
import type { LaunchFact } from '../../src/launch/record/launch-fact.ts'
import type { Script } from '../../src/launch/script/action.ts'
import { serveCall } from '../../src/launch/script/serve-call.ts'
import { SimulatedKvm, type SimulatedVcpu } from './simulated-kvm.ts'
import { isLast, SimulatedVmm, type LastAction } from './simulated-vmm.ts'

/** What a supervisor knows of a memory beside the marks, and saves. */
type Known = { hasVcpus: boolean; isOutOfSight: boolean; vms: VmState[]; lists: (readonly bigint[])[] }

const NOTHING: Known = { hasVcpus: false, isOutOfSight: false, vms: [], lists: [] }

/** What happens while a call is served, before the action of an index. */
export type Meanwhile = {
  readonly at: number
  /** The supervisor is killed. */
  readonly dies: boolean
  readonly act: () => void
}

/** What is decided by: the marks, or what a test puts in their place. */
export type Rules = (launch: SimulatedLaunch, table: number, call: NotifiedCall) => CallSituation

/** The vCPU that a call names, and the features that it asks for. */
type Named = { readonly named: SimulatedVcpu | undefined; readonly features: number }

/** A promise of the engine that was broken. */
export class Broken extends Error {}

const HOST = { ipaBits: 48, keepsClidr: true }

/** A process under supervision: its KVM, what its supervisors know, and what they must never do. */
export class SimulatedLaunch {
  kvm: SimulatedKvm
  readonly policy: LaunchPolicy
  readonly facts: LaunchFact[] = []
  /** The process has died with its supervisor. */
  isOver = false
  /** vCPUs whose last INIT the VMM was told had succeeded. */
  readonly usable = new Set<SimulatedVcpu>()
  clock = 0
  #known: Known = NOTHING
  #saved: Known = NOTHING
  readonly #rules: Rules | undefined

  constructor(policy: LaunchPolicy, kvm: SimulatedKvm, rules?: Rules) {
    this.policy = policy
    this.kvm = kvm
    this.#rules = rules
  }

  /** The process executes another program. */
  exec(): void {
    this.kvm = new SimulatedKvm(this.kvm.isOldKernel)
    this.#known = NOTHING
    this.#saved = NOTHING
  }

  /** Serves a notified call of a thread with this table until it goes on. */
  serve(table: number, call: NotifiedCall, features: number, meanwhile?: Meanwhile): void {
    const named = 'fd' in call ? this.kvm.tables[table]?.get(call.fd) : undefined
    const vcpus = this.#look(table, call, this.#known)
    const situation = this.#decidedBy(table, call, vcpus)
    if (call.kind === 'vcpu-init') this.#known = { ...this.#known, hasVcpus: true }
    const vmm = this.#vmm(table, features, vcpus)
    this.#run(vmm, serveCall(this.policy, { call, args: [], situation }), meanwhile)
    vcpus[Symbol.dispose]()
    this.facts.push(...vmm.facts)
    if (this.kvm.held !== 0) throw new Broken('a file is held after its call')
    const end = vmm.actions.find(isLast)
    if (end === undefined) this.#supervisorDied(vmm)
    if (this.isOver) return
    if (end === undefined || end.do === 'let-be') this.serve(table, call, features)
    else this.#goOn(end, call, { named, features })
  }

  #decidedBy(table: number, call: NotifiedCall, vcpus: CallVcpus): CallSituation {
    if (this.#rules !== undefined) return this.#rules(this, table, call)
    const situation = this.#situation(vcpus, this.#known)
    this.#checkDecision(table, call, situation)
    return situation
  }

  #run(vmm: SimulatedVmm, script: Script<string>, meanwhile?: Meanwhile): void {
    vmm.run(script, meanwhile?.dies === true ? meanwhile.at : Infinity, (action, index) => {
      // Between the last look and what it decides nothing fits.
      if (index === meanwhile?.at && action.do !== 'bind') meanwhile.act()
      if (action.do === 'bind') this.#checkBound()
    })
  }

  /** The process dies with it where its life was bound; else a successor knows what was saved. */
  #supervisorDied(vmm: SimulatedVmm): void {
    this.isOver = vmm.actions.some((action) => action.do === 'bind')
    this.#known = structuredClone(this.#saved)
  }

  #goOn(end: LastAction, call: NotifiedCall, { named, features }: Named): void {
    if (named === undefined) return
    if (end.do === 'resume') this.#goOnByItself(call, named, features)
    if (end.do !== 'let-go' || call.kind !== 'vcpu-init') return
    if (end.value === 0n) this.usable.add(named)
    else this.usable.delete(named)
  }

  #goOnByItself({ kind }: NotifiedCall, named: SimulatedVcpu, features: number): void {
    if (kind === 'vcpu-init' && this.kvm.init(named, features) === 0n) this.usable.add(named)
    if (kind === 'vcpu-finalize') this.kvm.finalize(named)
  }

  #vmm(table: number, features: number, vcpus: CallVcpus): SimulatedVmm {
    return new SimulatedVmm({
      registers: new Map(),
      features,
      kvm: (fd, request, argument, memory) => this.kvm.ioctl(table, { fd, request, argument }, memory),
      marks: (state, label) => vcpus.mark(state, label),
      hasRun: () => this.#rules === undefined && vcpus.mayHaveRun(),
      saves: () => {
        this.#saved = structuredClone(this.#known)
        return true
      },
      notes: (fact) => {
        this.#note(fact)
      },
    })
  }

  #note(fact: LaunchFact): void {
    if (fact.kind === 'sight-lost') this.#known = { ...this.#known, isOutOfSight: true }
    if (fact.kind !== 'vm-kept') return
    const vms = new KeptVms(this.#known.vms, this.#known.lists)
    vms.keep(fact.label, fact)
    const lists: (readonly bigint[])[] = []
    const state = vms.state((list) => lists.push(list) - 1)
    this.#known = { ...this.#known, vms: state, lists }
  }

  #look(table: number, call: NotifiedCall, { hasVcpus, isOutOfSight }: Known): CallVcpus {
    return new CallVcpus(this.kvm.seenFrom(table), {
      fd: 'fd' in call ? call.fd : undefined,
      others: (state) => looksAtVcpus(this.policy, call, state),
      mayHaveRun: isOutOfSight ? true : hasVcpus ? undefined : false,
    })
  }

  #situation(vcpus: CallVcpus, known: Known): CallSituation {
    const vms = new KeptVms(known.vms, known.lists)
    const { features, list } = vcpus.called.kind === 'vcpu' ? vms.get(vcpus.called.label) : {}
    return {
      vcpu: vcpus.called,
      mayHaveRun: vcpus.mayHaveRun(),
      features,
      registerList: list,
      freshLabel: CallVcpus.freshLabel(vms),
      host: HOST,
    }
  }

  #checkDecision(table: number, call: NotifiedCall, situation: CallSituation): void {
    const answer = onNotification(this.policy, situation, call)
    const ran = this.kvm.reachable().filter((one) => one.hasEntered)
    if (!situation.mayHaveRun && ran.length > 0) throw new Broken('a vCPU ran that is said not to have')
    const { vcpu } = situation
    const isReset = call.kind === 'vcpu-init' && vcpu.kind === 'vcpu' && vcpu.state === 'levelled'
    if (isReset && answer.kind !== 'resume') throw new Broken('a reset is stopped or refused')
    using heir = this.#look(table, call, this.#saved)
    const after = onNotification(this.policy, this.#situation(heir, this.#saved), call)
    if (after.kind !== answer.kind && after.kind !== 'refuse')
      throw new Broken(`a successor decides ${after.kind} and not ${answer.kind}`)
  }

  #checkBound(): void {
    if (this.kvm.reachable().some(({ hasEntered }) => hasEntered))
      throw new Broken('the life of a process whose VM ran is bound to that of a supervisor')
  }
}
