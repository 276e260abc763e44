import { KVM_ARM64_SVE_VLS_WORDS } from '../../linux/abi/kvm.ts'

/** KVM_REG_ARM64_SVE_VLS of these vector lengths (bits, multiples of 128): bit n-1 says n*128 bits. */
export const sveVectorLengths = (lengths: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(KVM_ARM64_SVE_VLS_WORDS * 8)
  for (const length of lengths) {
    const bit = length / 128 - 1
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
  return bytes
}
