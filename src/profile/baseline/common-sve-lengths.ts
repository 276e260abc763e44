/**
 * The SVE vector lengths, in bits and ascending, that a vCPU can have on every host: KVM gives a VM all lengths of the host up to a
 * greatest one, without gaps (vcpu_set_sve_vls via KVM_REG_ARM64_SVE_VLS, arch/arm64/kvm/guest.c). Empty if there are none.
 */
export const commonSveLengths = (hosts: readonly (readonly number[])[]): number[] => {
  const [first = [], ...others] = hosts.map((lengths) => lengths.toSorted((a, b) => a - b))
  const end = first.findIndex((length, index) => others.some((lengths) => lengths[index] !== length))
  return end === -1 ? first : first.slice(0, end)
}
