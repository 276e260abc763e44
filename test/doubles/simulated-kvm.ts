import type { SeenVcpu, VcpuTables } from '../../src/launch/act/call-vcpus.ts'
import type { CanaryWatch } from '../../src/launch/act/known-canaries.ts'
import { registerByName } from '../../src/arm64/register.ts'
import { encodeRegisterList } from '../../src/launch/decide/register-list.ts'
import { ERRNO } from '../../src/linux/abi/errno.ts'
import {
  KVM_ARM_VCPU_FINALIZE,
  KVM_ARM_VCPU_INIT,
  KVM_GET_ONE_REG,
  KVM_GET_REG_LIST,
  KVM_REG_ARM64_SVE_VLS,
  KVM_SET_ONE_REG,
  KVM_VCPU_INIT,
} from '../../src/linux/abi/kvm.ts'
import type { VmmMemory } from './simulated-vmm.ts'

const idOf = (name: string): bigint => registerByName(name)?.kvmRegisterId ?? 0n
export const ISAR0 = idOf('ID_AA64ISAR0_EL1')
export const CLIDR = idOf('CLIDR_EL1')
export const SVE_BIT = 4
/** What is written as a canary. */
const CANARY_BYTES = Buffer.from([0xa0, 0x5c])
/** Few, so that there are more. */
const MOST_WATCHED = 4
const HOST_LENGTHS = 3n
const HOST_CLIDR = 0x77n
const HOST_ISAR0 = 0x1000_0000_0000_0011n

/** A VM: what KVM keeps once for all its vCPUs. */
export type SimulatedVm = {
  isar0: bigint
  features: number | undefined
  hasRun: boolean
  label: number
  proof: number
}

/** A vCPU's open file, with what KVM keeps of it. It exists as long as an fd, or somebody else, has it. */
export type SimulatedVcpu = {
  readonly vm: SimulatedVm
  number: number
  canary: boolean
  isInitialised: boolean
  isFinalised: boolean
  hasEntered: boolean
  clidr: bigint
  lengths: bigint
}

const errno = (name: keyof typeof ERRNO): bigint => -BigInt(ERRNO[name])

/**
 * KVM and the file tables of the processes that share a memory, as far as what supervisors decide depends on them: marks that live with
 * files, what a reset keeps, and what may be written when.
 */
export class SimulatedKvm {
  readonly vms: SimulatedVm[] = []
  readonly #made: SimulatedVcpu[] = []
  /** By table, a process's or a thread's own: vCPUs by fd. */
  readonly tables = [new Map<number, SimulatedVcpu>()]
  /** Files on their way through a socket: there, and in no table. */
  readonly sent: SimulatedVcpu[] = []
  /** Whether only the first table can be looked into. */
  readonly isOldKernel: boolean
  /** Files of vCPUs that a supervisor holds. */
  held = 0

  constructor(isOldKernel: boolean) {
    this.isOldKernel = isOldKernel
  }

  createVm(): void {
    this.vms.push({ isar0: HOST_ISAR0, features: undefined, hasRun: false, label: 0, proof: 0 })
  }

  createVcpu(vm: SimulatedVm): void {
    const fresh = { number: 0, canary: false, isInitialised: false, isFinalised: false, hasEntered: false }
    const vcpu = { vm, ...fresh, clidr: HOST_CLIDR, lengths: HOST_LENGTHS }
    this.#made.push(vcpu)
    this.add(0, vcpu)
  }

  /** Gives a file the lowest fd of a table. */
  add(table: number, vcpu: SimulatedVcpu): void {
    const fds = this.tables[table]
    if (fds === undefined) return
    let fd = 3
    while (fds.has(fd)) fd += 1
    fds.set(fd, vcpu)
  }

  /** Every vCPU in a table. */
  reachable(): SimulatedVcpu[] {
    return [...new Set(this.tables.flatMap((fds) => [...fds.values()]))]
  }

  /** Enters the guest; false where KVM does not let it. */
  run(vcpu: SimulatedVcpu): boolean {
    const isReady = vcpu.isInitialised && (vcpu.isFinalised || !hasSve(vcpu))
    if (!isReady) return false
    vcpu.canary = false
    vcpu.hasEntered = true
    vcpu.vm.hasRun = true
    return true
  }

  init(vcpu: SimulatedVcpu, features: number): bigint {
    const { vm } = vcpu
    if ((vm.features ?? features) !== features) return errno('EINVAL')
    vm.features = features
    vcpu.isInitialised = true
    if (!vcpu.isFinalised) vcpu.lengths = HOST_LENGTHS
    return 0n
  }

  finalize(vcpu: SimulatedVcpu): bigint {
    if (!vcpu.isInitialised || vcpu.isFinalised || !hasSve(vcpu)) return errno('EPERM')
    vcpu.isFinalised = true
    return 0n
  }

  /** An ioctl on an fd of a table. */
  ioctl(
    table: number,
    { fd, request, argument }: { fd: number; request: number; argument: bigint },
    memory: VmmMemory,
  ): bigint {
    const vcpu = this.tables[table]?.get(fd)
    if (vcpu === undefined) return errno('EBADF')
    switch (request) {
      case KVM_ARM_VCPU_INIT: {
        const init = memory.read(argument, KVM_VCPU_INIT.size)
        return init === undefined
          ? errno('EFAULT')
          : this.init(vcpu, init.readUInt32LE(KVM_VCPU_INIT.features))
      }
      case KVM_ARM_VCPU_FINALIZE:
        return this.finalize(vcpu)
      case KVM_GET_REG_LIST:
        return memory.write(argument, encodeRegisterList([ISAR0, CLIDR])) ? 0n : errno('EFAULT')
      case KVM_GET_ONE_REG:
      case KVM_SET_ONE_REG:
        return oneRegister(vcpu, request, memory, argument)
      default:
        return 0n
    }
  }

  /** What a supervisor sees of the vCPUs from a thread with this table. */
  seenFrom(table: number): VcpuTables {
    const seesInto = (index: number): boolean => !this.isOldKernel || index === 0
    return {
      vcpu: (fd) => {
        if (!seesInto(table)) return 'unresolvable'
        const vcpu = this.tables[table]?.get(fd)
        return vcpu === undefined ? 'none' : this.#seen(vcpu)
      },
      marked: () =>
        this.tables.every((fds, index) => seesInto(index) || fds.size === 0)
          ? this.reachable()
              .filter(({ number }) => number !== 0)
              .map((vcpu) => this.#seen(vcpu))
          : undefined,
    }
  }

  /** What watches canaries, by the number that a vCPU was made with: also of those that are gone. Some kernels have none. */
  watch(): CanaryWatch | undefined {
    if (this.isOldKernel) return undefined
    const watched: SimulatedVcpu[] = []
    return {
      add: (number) => {
        const vcpu = this.#made[Number(number)]
        if (vcpu !== undefined && watched.length < MOST_WATCHED) watched.push(vcpu)
        return watched.at(-1) === vcpu
      },
      read: () => Buffer.concat(watched.map(({ canary }) => (canary ? CANARY_BYTES : Buffer.alloc(2)))),
      [Symbol.dispose]: () => undefined,
    }
  }

  #seen(vcpu: SimulatedVcpu): SeenVcpu {
    this.held += 1
    return {
      get number() {
        return vcpu.number
      },
      set number(value) {
        vcpu.number = value
      },
      get hasCanary() {
        return vcpu.canary
      },
      setCanary: () => {
        vcpu.canary = true
      },
      watchCanary: (watch) => watch.add(BigInt(this.#made.indexOf(vcpu)), 2),
      get label() {
        return vcpu.vm.label
      },
      set label(value) {
        vcpu.vm.label = value
      },
      get proof() {
        return vcpu.vm.proof
      },
      set proof(value) {
        vcpu.vm.proof = value
      },
      [Symbol.dispose]: () => {
        this.held -= 1
      },
    }
  }
}

export const hasSve = ({ vm }: SimulatedVcpu): boolean => ((vm.features ?? 0) & (1 << SVE_BIT)) !== 0

const VALUES: ReadonlyMap<
  bigint,
  { get: (of: SimulatedVcpu) => bigint; set: (of: SimulatedVcpu, to: bigint) => bigint }
> = new Map([
  [
    ISAR0,
    {
      get: ({ vm }) => vm.isar0,
      set: ({ vm }, to) => {
        if (vm.hasRun && to !== vm.isar0) return errno('EBUSY')
        vm.isar0 = to
        return 0n
      },
    },
  ],
  [
    CLIDR,
    {
      get: ({ clidr }) => clidr,
      set: (vcpu, to) => {
        vcpu.clidr = to
        return 0n
      },
    },
  ],
  [
    KVM_REG_ARM64_SVE_VLS,
    {
      get: ({ lengths }) => lengths,
      set: (vcpu, to) => {
        if (vcpu.isFinalised) return errno('EPERM')
        vcpu.lengths = to
        return 0n
      },
    },
  ],
])

const oneRegister = (vcpu: SimulatedVcpu, request: number, memory: VmmMemory, argument: bigint): bigint => {
  const one = memory.read(argument, 16)
  const value = one && VALUES.get(one.readBigUInt64LE(0))
  if (value === undefined) return errno('ENOENT')
  const address = one?.readBigUInt64LE(8) ?? 0n
  const word = memory.read(address, 8)
  if (word === undefined) return errno('EFAULT')
  if (request === KVM_SET_ONE_REG) return value.set(vcpu, word.readBigUInt64LE())
  word.writeBigUInt64LE(value.get(vcpu))
  return memory.write(address, word) ? 0n : errno('EFAULT')
}
