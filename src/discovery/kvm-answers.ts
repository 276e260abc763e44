import { registerByName } from '../arm64/register.ts'
import { SystemCallError } from '../linux/errno.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import type { CaseAnswer } from '../prediction/case-answer.ts'
import type { WriteVerdict } from '../prediction/verdict.ts'
import type { WriteCase } from '../prediction/write-case.ts'
import { isRefusal } from './ask-configuration.ts'
import { openScratchVm, type ScratchVm } from './scratch-vm.ts'
import { tryWrite } from './try-write.ts'
import { configurationName, type VcpuConfiguration } from './vcpu-configuration.ts'

const verdictOf = (vm: ScratchVm, id: bigint, value: bigint): WriteVerdict => {
  const outcome = tryWrite(vm.vcpu, id, value)
  if ('errno' in outcome) return { verdict: 'refused', rule: 'Trial', errno: outcome.errno }
  if (outcome.stored === value) return { verdict: 'accepted' }
  return { verdict: 'stored-as', stored: outcome.stored, rule: 'Trial' }
}

/** The register of a fresh vCPU; undefined if it has no such register. */
const limitOf = ({ vcpu }: ScratchVm, id: bigint): bigint | undefined => {
  try {
    return vcpu.getOneReg(id)
  } catch (error) {
    if (error instanceof SystemCallError && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Whether the register has its old value again, so that the VM serves the next case like a fresh one. */
const isPutBack = ({ vcpu }: ScratchVm, id: bigint, limit: bigint | undefined): boolean =>
  limit === undefined || (vcpu.setOneReg(id, limit) === 0 && vcpu.getOneReg(id) === limit)

/** A scratch VM, and the original values of the registers that were asked about so far. */
type AskedVm = { readonly vm: ScratchVm; readonly limits: Map<bigint, bigint | undefined> }

const knownLimit = ({ vm, limits }: AskedVm, id: bigint): bigint | undefined => {
  if (!limits.has(id)) limits.set(id, limitOf(vm, id))
  return limits.get(id)
}

/**
 * Answers cases by asking this machine's KVM, on one scratch VM per configuration; none of them ever runs. It restores a register
 * after each write; if that fails, it replaces the VM. Disposing closes all VMs.
 */
export class KvmAnswers implements Disposable {
  readonly #kvm: Kvm
  /** By configuration; undefined if this host cannot make it. */
  readonly #vms = new Map<string, AskedVm | undefined>()

  constructor(kvm: Kvm) {
    this.#kvm = kvm
  }

  /** Throws SystemCallError if KVM fails in another way than by saying no. */
  answer({ configuration, register, value }: WriteCase): CaseAnswer {
    const name = configurationName(configuration)
    if (!this.#vms.has(name)) this.#vms.set(name, this.#open(configuration))
    const asked = this.#vms.get(name)
    const id = registerByName(register)?.kvmRegisterId
    if (asked === undefined || id === undefined) return { kind: 'no-such-vcpu', configuration }
    const limit = knownLimit(asked, id)
    const verdict = verdictOf(asked.vm, id, value)
    if (!isPutBack(asked.vm, id, limit)) this.#close(name)
    return { kind: 'answered', verdict, unproven: false }
  }

  [Symbol.dispose](): void {
    for (const name of [...this.#vms.keys()]) this.#close(name)
  }

  #close(name: string): void {
    this.#vms.get(name)?.vm[Symbol.dispose]()
    this.#vms.delete(name)
  }

  #open(configuration: VcpuConfiguration): AskedVm | undefined {
    const writable = this.#kvm.checkExtension('KVM_CAP_ARM_WRITABLE_IMP_ID_REGS') > 0
    try {
      const vm = openScratchVm(this.#kvm, {
        ...configuration,
        implementationId: configuration.implementationId && writable,
      })
      return { vm, limits: new Map() }
    } catch (error) {
      if (error instanceof SystemCallError && isRefusal(error)) return undefined
      throw error
    }
  }
}
