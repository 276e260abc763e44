import type { LaunchPolicy } from './launch-policy.ts'

/**
 * What KVM_CHECK_EXTENSION(KVM_CAP_ARM_VM_IPA_SIZE) is to answer instead of the host; undefined if the host's own answer will do.
 * `hostIpaBits`: 0 if it could not be asked. More than the host has is then the least harm: KVM_CREATE_VM fails, where a VM with
 * more than its PARANGE would not.
 */
export const shownIpaBits = (
  { ipaBits }: Pick<LaunchPolicy, 'ipaBits'>,
  hostIpaBits: number,
): number | undefined =>
  ipaBits !== undefined && (hostIpaBits === 0 || hostIpaBits > ipaBits) ? ipaBits : undefined
