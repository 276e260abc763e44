import type { HostDocument } from '../api/host-document.ts'
import { toHex64 } from '../api/hex64.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { readAsGuest } from './read-as-guest.ts'
import { PLAIN } from './vcpu-configuration.ts'

const CNTFRQ_EL0 = { op0: 3, op1: 3, crn: 14, crm: 0, op2: 0 }
const DCZID_EL0 = { op0: 3, op1: 3, crn: 0, crm: 0, op2: 7 }
const CTR_EL0 = { op0: 3, op1: 3, crn: 0, crm: 0, op2: 1 }

/**
 * What a guest reads without a trap to KVM: the counter's frequency in Hz, DCZID_EL0, and CTR_EL0, which KVM traps only if
 * the host's CPUs differ, the host has no FEAT_EVT, or the VM was given another value (kvm_calculate_traps,
 * arch/arm64/kvm/sys_regs.c, Linux 6.12). Empty where they could not be read.
 */
export const readUntrappedRegisters = (
  kvm: Kvm,
): Pick<HostDocument, 'counterFrequency' | 'dczid' | 'ctr'> => {
  const reading = readAsGuest(kvm, PLAIN, [CNTFRQ_EL0, DCZID_EL0, CTR_EL0])
  if (reading.kind === 'unreadable') return {}
  const [frequency = 0n, dczid = 0n, ctr = 0n] = reading.values
  return { counterFrequency: Number(frequency), dczid: toHex64(dczid), ctr: toHex64(ctr) }
}
