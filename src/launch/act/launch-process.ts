import { closeFd } from '../../linux/process/close.ffi.ts'
import { isSameFile } from '../../linux/process/kcmp.ffi.ts'
import { PidFd } from '../../linux/process/pidfd.ffi.ts'
import type { ProcessState } from '../launch-state.ts'
import { LevelledVms } from '../decide/levelled-vms.ts'
import { mayHaveRun } from '../decide/may-have-run.ts'
import type { NotifiedCall } from '../decide/notified-call.ts'
import type { ProcessSituation } from '../decide/on-notification.ts'
import { debugfsExits, debugfsVms, type DebugfsVm } from './kvm-debugfs.ts'
import { isInKvmRun } from './process-facts.ts'

const inodesOf = (vms: readonly DebugfsVm[] | undefined): number[] | undefined =>
  vms?.map(({ inode }) => inode)

/** What is known of a process under supervision. Owns duplicates of vCPU files, if it had to take some. */
export class LaunchProcess {
  readonly pid: number
  /** Threads that have made a VM that was to be levelled. */
  readonly creators = new Set<number>()
  /** Threads that have made another. */
  readonly #otherCreators = new Set<number>()
  /** The number of the listener's duplicate in it, where one was put there. */
  listenerFd: number | undefined
  readonly #levelledVcpus = new Set<number>()
  readonly #levelledVms: LevelledVms
  /** The register list of each vCPU fd, as of its last INIT or FINALIZE. */
  readonly #registerLists = new Map<number, readonly bigint[]>()
  #held: number[] | undefined
  #firstInit: number | undefined

  constructor(pid: number, levelledVms = new LevelledVms()) {
    this.pid = pid
    this.#levelledVms = levelledVms
  }

  /** What a supervisor before us knew. How long ago the first INIT was it did not say: without debugfs, long enough. */
  static restore(state: ProcessState, lists: readonly (readonly bigint[])[]): LaunchProcess {
    const process = new LaunchProcess(state.pid, new LevelledVms(state.levelledVms))
    for (const tid of state.creators) process.creators.add(tid)
    for (const tid of state.otherCreators) process.#otherCreators.add(tid)
    for (const fd of state.levelledVcpus) process.#levelledVcpus.add(fd)
    for (const [fd, index] of state.registerLists) process.#registerLists.set(fd, lists[index] ?? [])
    process.listenerFd = state.listenerFd
    if (state.levelledVcpus.length > 0) process.#firstInit = -Infinity
    if (state.hasUnlevelledVm) process.#holdLevelledVcpus()
    return process
  }

  /** For a successor; `indexOf` gives the index of a register list among all. */
  state(indexOf: (list: readonly bigint[]) => number): ProcessState {
    return {
      pid: this.pid,
      creators: [...this.creators],
      otherCreators: [...this.#otherCreators],
      levelledVcpus: [...this.#levelledVcpus],
      levelledVms: this.#levelledVms.state(),
      hasUnlevelledVm: this.#held !== undefined,
      ...(this.listenerFd !== undefined && { listenerFd: this.listenerFd }),
      registerLists: [...this.#registerLists].map(([fd, list]) => [fd, indexOf(list)]),
    }
  }

  /** `vmWide` as in {@link LevelledVms.add}. */
  addLevelledVcpu(fd: number, vmWide: boolean): void {
    this.#firstInit ??= performance.now()
    this.#levelledVcpus.add(fd)
    this.#levelledVms.add(inodesOf(this.#vms()), fd, vmWide)
  }

  /** `list`: what the VMM is given for this vCPU from now on; undefined: not to be had. */
  keepRegisterList(fd: number, list: readonly bigint[] | undefined): void {
    if (list === undefined) this.#registerLists.delete(fd)
    else this.#registerLists.set(fd, list)
  }

  /** The list that was kept of a vCPU; for a late one, of which none could be taken any more, that of another. */
  #registerListOf(fd: number, late: boolean): readonly bigint[] | undefined {
    const kept = this.#registerLists.get(fd)
    return kept ?? (late ? this.#registerLists.values().next().value : undefined)
  }

  /** What is known of the process, and of the call's vCPU, at this moment. Its VMs are looked at where that decides something. */
  situation(call: NotifiedCall): Omit<ProcessSituation, 'hostIpaBits' | 'askedForSve'> {
    const fd = 'fd' in call ? call.fd : -1
    const decides = this.#firstInit !== undefined && call.kind !== 'check-extension' && call.kind !== 'other'
    const vms = decides ? this.#vms() : []
    const alive = inodesOf(vms)
    const isLevelledVcpu = this.#levelledVms.isLevelledVcpu(alive, fd) || this.#isHeld(fd)
    // A levelled vCPU may be reset whether or not its VM has run. Resets are the most frequent call of a launch, and each look costs.
    const hasRun = (call.kind === 'vcpu-init' && isLevelledVcpu) || this.#mayHaveRun(vms)
    return {
      mayHaveRun: hasRun,
      hasUnlevelledVm: this.#held !== undefined,
      isLevelledVcpu,
      hasLevelledVmsOnly: this.#levelledVms.areAll(alive),
      registerList: this.#registerListOf(fd, hasRun),
    }
  }

  /** A VM of it may have run. A process that has made no VM is not looked at. */
  mayHaveRun(): boolean {
    return this.#firstInit !== undefined && this.#mayHaveRun(this.#vms())
  }

  #mayHaveRun(vms: readonly DebugfsVm[] | undefined): boolean {
    if (this.#firstInit === undefined) return false
    return mayHaveRun(
      vms === undefined
        ? { kind: 'proc', isInKvmRun: isInKvmRun(this.pid) }
        : { kind: 'debugfs', exits: vms.map(debugfsExits) },
      performance.now() - this.#firstInit,
    )
  }

  #vms(): DebugfsVm[] | undefined {
    return debugfsVms(new Set([...this.creators, ...this.#otherCreators]))
  }

  /** A VM is about to be made, by this thread, that will not be levelled. */
  addUnlevelledVm(creator: number): void {
    this.#otherCreators.add(creator)
    this.#holdLevelledVcpus()
  }

  /** Every vCPU there is now is of a levelled VM: duplicates of their files are kept, for a number may later be another file's. */
  #holdLevelledVcpus(): void {
    if (this.#held !== undefined) return
    this.#held = []
    const opened = PidFd.open(this.pid)
    if (typeof opened === 'number') return
    using process = opened
    this.#held = [...this.#levelledVcpus].map((fd) => process.getFd(fd)).filter((fd) => fd >= 0)
  }

  /** Whether this fd is a vCPU of which a duplicate is kept. */
  #isHeld(fd: number): boolean {
    return (this.#held ?? []).some((held) =>
      isSameFile({ pid: process.pid, fd: held }, { pid: this.pid, fd }),
    )
  }

  [Symbol.dispose](): void {
    for (const fd of this.#held ?? []) closeFd(fd)
    this.#held = []
  }
}
