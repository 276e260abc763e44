import { fromHex64 } from '../api/hex64.ts'
import type { HostDocument } from '../api/host-document.ts'
import { getField } from '../arm64/field.ts'
import type { Field } from '../arm64/field.ts'
import { fieldNamed } from '../arm64/register.ts'

const tagLineField = (): Field => {
  const field = fieldNamed('CTR_EL0', 'TminLine')
  if (field === undefined) throw new Error('the table of registers has no CTR_EL0.TminLine')
  return field
}

/** CTR_EL0.TminLine: KVM's sanitised CTR_EL0 has none, so user space reads 0 there, while a guest may read the hardware's. */
export const TAG_LINE: Field = tagLineField()

/** Whether this names CTR_EL0.TminLine: no stream carries it and no plan can leave it out, since KVM's CTR_EL0 has none. */
export const isTagLine = ({
  register,
  field,
}: {
  readonly register: string
  readonly field: string
}): boolean => register === 'CTR_EL0' && field === TAG_LINE.name

/**
 * The raw CTR_EL0.TminLine that guests of a host read in a VM whose CTR_EL0 is `ctr`; undefined if the host document does not
 * tell. KVM lets the read go to the hardware only while the VM has the host's own value; given another value it traps the read
 * and answers with that (kvm_calculate_traps, arch/arm64/kvm/sys_regs.c, Linux 6.12), so hosts levelled that way do not differ.
 */
export const shownTagLine = (host: HostDocument, ctr: bigint | undefined): number | undefined => {
  const own = host.guestView['CTR_EL0']
  const isTrapped = ctr !== undefined && own !== undefined && fromHex64(own) !== ctr
  if (isTrapped) return getField(ctr, TAG_LINE)
  return host.ctr === undefined ? undefined : getField(fromHex64(host.ctr), TAG_LINE)
}
