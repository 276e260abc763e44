import { numberInBits } from '../arm64/bits.ts'
import type { HostDocument } from '../api/host-document.ts'
import { toHex64 } from '../api/hex64.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { SLOTS_ID } from '../arm64/stream-registers.ts'
import type { InitialisedVcpu } from '../linux/kvm/initialised-vcpu.ts'
import { inStep } from './probe-step-error.ts'
import { withScratchVm } from './scratch-vm.ts'
import { readAsGuest } from './read-as-guest.ts'

const PMCR_EL0 = { op0: 3, op1: 3, crn: 9, crm: 12, op2: 0 }
const PMCEID0_EL0 = { op0: 3, op1: 3, crn: 9, crm: 12, op2: 6 }
const PMCEID1_EL0 = { op0: 3, op1: 3, crn: 9, crm: 12, op2: 7 }

/** PMCR_EL0.N, bits 15:11 (Arm ARM, D24.5.7): the event counters. */
export const eventCounters = (pmcr: bigint): number => numberInBits(pmcr, 11, 5)

/** PMMIR_EL1.SLOTS, bits 7:0 (Arm ARM, D24.5.12). A guest cannot read the register on a CPU of an older PMU, so user space does. */
const readSlots = (vcpu: InitialisedVcpu): { slots?: number } => {
  const finalised = vcpu.finalize()
  return [...finalised.getRegList()].includes(SLOTS_ID)
    ? { slots: numberInBits(finalised.registers.getOneReg(SLOTS_ID), 0, 8) }
    : {}
}

/** The PMU as a guest with a PMU sees it. PMCEID registers are not ONE_REG registers: only a guest can read them. */
export const readPmu = (kvm: Kvm): Pick<HostDocument, 'pmu'> => {
  const configuration = { vcpuFeatures: ['pmu'], implementationId: false } as const
  const reading = readAsGuest(kvm, configuration, [PMCR_EL0, PMCEID0_EL0, PMCEID1_EL0])
  if (reading.kind === 'unreadable') return {}
  const [pmcr = 0n, pmceid0 = 0n, pmceid1 = 0n] = reading.values
  return {
    pmu: {
      counters: eventCounters(pmcr),
      pmceid0: toHex64(pmceid0),
      pmceid1: toHex64(pmceid1),
      ...inStep('PMMIR_EL1', () => withScratchVm(kvm, configuration, readSlots)),
    },
  }
}
