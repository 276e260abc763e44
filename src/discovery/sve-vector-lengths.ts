import { hasBit } from '../arm64/bits.ts'
import { KVM_ARM64_SVE_VLS_WORDS, KVM_REG_ARM64_SVE_VLS } from '../linux/abi/kvm.ts'
import type { InitialisedVcpu } from '../linux/kvm/initialised-vcpu.ts'

// One quadword: what SVE vector lengths are multiples of (Arm ARM, B1.2.2).
const QUADWORD_BITS = 128

/** The vector lengths, in bits, of KVM_REG_ARM64_SVE_VLS: bit n of the whole says (n + 1) * 128. */
export const sveVectorLengths = (words: BigUint64Array): number[] =>
  [...words].flatMap((word, index) =>
    Array.from({ length: 64 }, (_, bit) => bit)
      .filter((bit) => hasBit(word, bit))
      .map((bit) => (index * 64 + bit + 1) * QUADWORD_BITS),
  )

/** The vector lengths a vCPU can have; to be read between INIT with SVE and FINALIZE. Throws SystemCallError. */
export const readSveVectorLengths = (vcpu: InitialisedVcpu): number[] =>
  sveVectorLengths(vcpu.getWideReg(KVM_REG_ARM64_SVE_VLS, KVM_ARM64_SVE_VLS_WORDS))
