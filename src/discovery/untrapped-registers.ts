import type { HostDocument } from '../api/host-document.ts'
import { toHex64 } from '../api/hex64.ts'
import type { Kvm } from '../linux/kvm/kvm.ts'
import { readAsGuest } from './read-as-guest.ts'
import { PLAIN } from './vcpu-configuration.ts'

const CNTFRQ_EL0 = { op0: 3, op1: 3, crn: 14, crm: 0, op2: 0 }
const DCZID_EL0 = { op0: 3, op1: 3, crn: 0, crm: 0, op2: 7 }

/** What a guest reads without KVM having a say: the counter's frequency in Hz, and DCZID_EL0. Empty where it could not be read. */
export const readUntrappedRegisters = (kvm: Kvm): Pick<HostDocument, 'counterFrequency' | 'dczid'> => {
  const reading = readAsGuest(kvm, PLAIN, [CNTFRQ_EL0, DCZID_EL0])
  if (reading.kind === 'unreadable') return {}
  const [frequency = 0n, dczid = 0n] = reading.values
  return { counterFrequency: Number(frequency), dczid: toHex64(dczid) }
}
