import type { LaunchPolicy } from '../decide/launch-policy.ts'
import type { LaunchRecorder } from '../record/launch-recorder.ts'
import { verifyIdregs } from '../record/verify-idregs.ts'
import { countVms, type CountedVms } from './count-vms.ts'
import type { LaunchProcess } from './launch-process.ts'
import type { LaunchProcesses } from './launch-processes.ts'
import { threadsOf } from './process-facts.ts'
import { ProcessTables } from './process-tables.ts'
import { hidesVm, shownVms } from './shown-vms.ts'

/** The VMs of a process by the marks of their vCPUs; undefined if they could not be looked at. */
const countVmsOf = ({ pid }: LaunchProcess): CountedVms | undefined => {
  const [tid] = threadsOf(pid)
  const vcpus = tid === undefined ? [] : new ProcessTables({ tid, pid }, [pid]).marked()
  const count = countVms(vcpus)
  for (const vcpu of vcpus ?? []) vcpu[Symbol.dispose]()
  return count
}

/** Whether a VM of a process that has run is there yet, and cannot be seen. */
const hasHiddenVm = (process: LaunchProcess): boolean => {
  const mayHaveRun = process.creators.size > 0 && !process.memory.canaries.areAllThere
  return mayHaveRun && hidesVm(process, countVmsOf(process)?.ran)
}

/** A process, and its VMs where they could be looked at. */
type CountedProcess = { readonly process: LaunchProcess; readonly count: CountedVms | undefined }

/** Whether a VM of it may yet run. */
const isIdle = ({ count }: CountedProcess): boolean => count?.idle !== 0

type Verified = {
  readonly policy: LaunchPolicy
  readonly processes: LaunchProcesses
  readonly recorder: LaunchRecorder
  /** A supervisor before this one has levelled a vCPU. */
  readonly isDue: boolean
  /** Whether the recorder is told of VMs that have run, also without debugfs. */
  readonly countsRuns: boolean
}

/** Compares what KVM's debugfs shows of the VMs of one launch, once they have run, with what was applied. */
export class LaunchVerification {
  readonly #policy: LaunchPolicy
  readonly #processes: LaunchProcesses
  readonly #recorder: LaunchRecorder
  readonly #countsRuns: boolean
  #isDue: boolean
  /** The VMs that were verified since the last vCPU was levelled. */
  #verified = ''

  constructor({ policy, processes, recorder, isDue, countsRuns }: Verified) {
    this.#policy = policy
    this.#processes = processes
    this.#recorder = recorder
    this.#isDue = isDue
    this.#countsRuns = countsRuns
  }

  /** Whether a levelled VM has yet to be looked at after it has run. */
  get isDue(): boolean {
    return this.#isDue
  }

  /** A process is about to make a VM. Its other VMs are looked at before: its folder may be the new one's. */
  beforeNewVm(process: LaunchProcess): void {
    process.hidesVm ||= hasHiddenVm(process)
    if (process.hidesVm) this.#recorder.setVerification(undefined)
  }

  /** A vCPU was levelled. */
  afterNewVcpu(): void {
    this.#isDue = true
    this.#verified = ''
  }

  /**
   * Looks at all VMs of the launch that have run, or at none; it is due again until each has. `folders`: its VMs in debugfs; without
   * debugfs, only whether they have run. Returns whether the recorder got news.
   */
  look(folders: readonly string[] | undefined): boolean {
    const processes = this.#processes.withVms()
    this.#isDue &&= (folders !== undefined || this.#countsRuns) && processes.length > 0
    if (folders === undefined && !this.#countsRuns) return false
    const counts = processes.map((process) => ({ process, count: countVmsOf(process) }))
    const hasRun = this.#noteRuns(counts)
    if (folders !== undefined) return this.#verify(folders, counts) || hasRun
    this.#isDue &&= counts.some(isIdle)
    return hasRun
  }

  #noteRuns(counts: readonly CountedProcess[]): boolean {
    const running = counts.find(({ count }) => (count?.ran ?? 0) > 0)
    return this.#countsRuns && running !== undefined && this.#recorder.setRan(running.process.pid)
  }

  #verify(folders: readonly string[], counts: readonly CountedProcess[]): boolean {
    const shown = counts.map(({ process, count }) =>
      process.hidesVm ? undefined : shownVms(folders, process, count?.ran),
    )
    const vms = shown.flatMap((one) => one ?? [])
    if (vms.length === 0 || shown.includes(undefined)) return false
    this.#isDue = counts.some(isIdle)
    const verified = vms.map(({ vm }) => vm).join()
    if (verified === this.#verified) return false
    this.#verified = verified
    this.#recorder.setVerification(verifyIdregs(this.#policy, vms, this.#recorder.kept))
    return true
  }
}
