import assert from 'node:assert/strict'
import { CallVcpus } from '../../src/launch/act/call-vcpus.ts'
import { KeptVms } from '../../src/launch/act/kept-vms.ts'
import { KnownCanaries } from '../../src/launch/act/known-canaries.ts'
import { scriptOfCall, situationOf, type Deciding } from '../../src/launch/act/script-of-call.ts'
import type { CallSituation } from '../../src/launch/decide/call-situation.ts'
import type { LaunchPolicy } from '../../src/launch/decide/launch-policy.ts'
import type { NotifiedCall } from '../../src/launch/decide/notified-call.ts'
import { onNotification } from '../../src/launch/decide/on-notification.ts'
import { numberOfState } from '../../src/launch/decide/vcpu-state.ts'
import { whenToLook } from '../../src/launch/decide/when-to-look.ts'
import type { VmState } from '../../src/launch/launch-state.ts'
import type { LaunchFact } from '../../src/launch/record/launch-fact.ts'
import type { Action, Script } from '../../src/launch/script/action.ts'
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
  #canaries: KnownCanaries
  readonly #rules: Rules | undefined

  constructor(policy: LaunchPolicy, kvm: SimulatedKvm, rules?: Rules) {
    this.policy = policy
    this.kvm = kvm
    this.#rules = rules
    this.#canaries = this.#newCanaries(NOTHING)
  }

  #newCanaries({ hasVcpus }: Known): KnownCanaries {
    return new KnownCanaries(!hasVcpus, () => this.kvm.watch())
  }

  /** The process executes another program. */
  exec(): void {
    this.kvm = new SimulatedKvm(this.kvm.isOldKernel)
    this.#known = NOTHING
    this.#saved = NOTHING
    this.#canaries = this.#newCanaries(NOTHING)
  }

  /** Serves a notified call of a thread with this table until it goes on. */
  serve(table: number, call: NotifiedCall, features: number, meanwhile?: Meanwhile): void {
    const named = 'fd' in call ? this.kvm.tables[table]?.get(call.fd) : undefined
    const isReset = call.kind === 'vcpu-init' && named?.number === numberOfState('levelled')
    const deciding = this.#deciding(table, call)
    const script = this.#scriptOf(table, call, deciding)
    if (call.kind === 'vcpu-init') this.#known = { ...this.#known, hasVcpus: true }
    const vmm = this.#vmm(table, call, { features, deciding })
    this.#run(vmm, script, meanwhile)
    deciding.vcpus[Symbol.dispose]()
    this.facts.push(...vmm.facts)
    this.#checkServed(vmm, isReset)
    const end = vmm.actions.find(isLast)
    if (end === undefined) this.#supervisorDied(vmm)
    if (this.isOver) return
    if (end === undefined || end.do === 'let-be') this.serve(table, call, features)
    else this.#goOn(end, call, { named, features })
  }

  #scriptOf(table: number, call: NotifiedCall, deciding: Deciding): Script<string> {
    if (this.#rules !== undefined)
      return serveCall(this.policy, { call, args: [], situation: this.#rules(this, table, call) })
    const { vcpus, memory } = deciding
    const when = whenToLook(this.policy, call, { vcpu: vcpus.own, isOutOfSight: memory.isOutOfSight })
    if (when !== 'stopped')
      this.#checkDecision(
        table,
        call,
        situationOf(deciding, when === 'never' ? vcpus.ownOnly() : vcpus.look()),
      )
    const script = scriptOfCall(deciding, {
      call,
      args: [],
      isWaiting: () => true,
      isMadeAgain: () => true,
    })
    assert.ok(script)
    return script
  }

  /** What is seen in the stop. */
  #looked(table: number, call: NotifiedCall, deciding: Deciding): CallSituation {
    if (this.#rules !== undefined) return this.#rules(this, table, call)
    const situation = situationOf(deciding, deciding.vcpus.look())
    this.#checkDecision(table, call, situation)
    return situation
  }

  #run(vmm: SimulatedVmm, script: Script<string>, meanwhile?: Meanwhile): void {
    vmm.run(script, meanwhile?.dies === true ? meanwhile.at : Infinity, (action, index) => {
      // Between the last look and what it decides nothing fits.
      if (index === meanwhile?.at && action.do !== 'bind') this.#happens(meanwhile, action)
      if (action.do === 'bind') this.#bind()
    })
  }

  /** Something else happens, before an action of a call that is served. */
  #happens({ act }: Meanwhile, action: Action): void {
    const before = this.#entered()
    act()
    // Up to the last look.
    const isSeen = this.#isBound && !isLast(action) && !(action.do === 'begin' && action.step === 'let go')
    this.#ranWhileBound ||= isSeen && this.#entered() > before
  }

  /** How many vCPUs have, of those that can be seen. */
  #entered(): number {
    const { isOldKernel, tables } = this.kvm
    const seen = isOldKernel
      ? [...(tables[0]?.values() ?? [])].filter(({ number }) => number !== 0)
      : this.kvm.reachable()
    return seen.filter(({ hasEntered }) => hasEntered).length
  }

  #isBound = false
  /** A vCPU entered the guest while a thread was bound. */
  #ranWhileBound = false

  #bind(): void {
    this.#isBound = true
    this.#checkBound()
  }

  #checkServed(vmm: SimulatedVmm, isReset: boolean): void {
    if (this.kvm.held !== 0) throw new Broken('a file is held after its call')
    if (this.#rules !== undefined) return
    if (isReset && vmm.actions.some(({ do: what }) => what === 'stop')) throw new Broken('a reset is stopped')
    this.#checkTold(vmm)
  }

  #checkTold({ facts, actions }: SimulatedVmm): void {
    const isTold = facts.some(
      (fact) => fact.kind === 'refusals' && fact.refusals.some(({ reason }) => reason === 'RanDuringStop'),
    )
    if (actions.some(isLast) && this.#ranWhileBound && !isTold)
      throw new Broken('a vCPU that ran while a thread was bound is not told')
    this.#isBound = false
    this.#ranWhileBound = false
  }

  /** The process dies with it where its life was bound; else a successor knows what was saved. */
  #supervisorDied(vmm: SimulatedVmm): void {
    this.isOver = vmm.actions.some((action) => action.do === 'bind')
    this.#known = structuredClone(this.#saved)
    this.#canaries = this.#newCanaries(this.#known)
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

  #vmm(
    table: number,
    call: NotifiedCall,
    { features, deciding }: { readonly features: number; readonly deciding: Deciding },
  ): SimulatedVmm {
    const { vcpus } = deciding
    return new SimulatedVmm({
      registers: new Map(),
      features,
      kvm: (fd, request, argument, memory) => this.kvm.ioctl(table, { fd, request, argument }, memory),
      marks: (state, label) => vcpus.mark(state, label),
      looks: () => this.#looked(table, call, deciding),
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

  /** What this supervisor decides a call by. */
  #deciding(table: number, call: NotifiedCall): Deciding {
    const known = (): Known => this.#known
    return this.#decidingBy(table, call, {
      canaries: this.#canaries,
      get isOutOfSight() {
        return known().isOutOfSight
      },
      get vms() {
        return new KeptVms(known().vms, known().lists)
      },
    })
  }

  #decidingBy(table: number, call: NotifiedCall, memory: Deciding['memory']): Deciding {
    const vcpus = new CallVcpus(this.kvm.seenFrom(table), memory, 'fd' in call ? call.fd : undefined)
    return { policy: this.policy, host: HOST, memory, vcpus }
  }

  #checkDecision(table: number, call: NotifiedCall, situation: CallSituation): void {
    const answer = onNotification(this.policy, situation, call)
    const ran = this.kvm.reachable().filter((one) => one.hasEntered)
    if (!situation.mayHaveRun && ran.length > 0) throw new Broken('a vCPU ran that is said not to have')
    const { vcpu } = situation
    const isReset = call.kind === 'vcpu-init' && vcpu.kind === 'vcpu' && vcpu.state === 'levelled'
    if (isReset && answer.kind !== 'resume') throw new Broken('a reset is stopped or refused')
    const { hasVcpus, isOutOfSight, vms, lists } = this.#saved
    const memory = { canaries: new KnownCanaries(!hasVcpus), isOutOfSight, vms: new KeptVms(vms, lists) }
    const heir = this.#decidingBy(table, call, memory)
    using seen = heir.vcpus
    const isLooked = whenToLook(this.policy, call, { vcpu: seen.own, isOutOfSight }) !== 'never'
    const after = onNotification(
      this.policy,
      situationOf(heir, isLooked ? seen.look() : seen.ownOnly()),
      call,
    )
    if (after.kind !== answer.kind && after.kind !== 'refuse')
      throw new Broken(`a successor decides ${after.kind} and not ${answer.kind}`)
  }

  #checkBound(): void {
    if (this.kvm.reachable().some(({ hasEntered }) => hasEntered))
      throw new Broken('the life of a process whose VM ran is bound to that of a supervisor')
  }
}
