import { fromHex64 } from '../../api/hex64.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { getField } from '../../arm64/field.ts'
import { fieldRef, type FieldRef } from '../../arm64/field-ref.ts'

/** The smallest cache lines of a host, in bytes. */
export type CacheLines = { readonly data: number; readonly instruction: number }

const lineField = (field: string): FieldRef => {
  const ref = fieldRef({ register: 'CTR_EL0', field })
  if (ref === undefined) throw new Error(`the table of registers has no CTR_EL0.${field}`)
  return ref
}

const [DATA, INSTRUCTION] = [lineField('DminLine'), lineField('IminLine')]

const WORD_BYTES = 4

/**
 * The smallest cache lines of a host, from which KVM makes each CCSIDR_EL1 of a fresh vCPU, and below which it takes none (get_ccsidr and
 * set_ccsidr, arch/arm64/kvm/sys_regs.c, since Linux 6.3). They are the host's whatever CTR_EL0 the VM was given. Undefined if the
 * document does not tell.
 */
export const cacheLinesOf = ({ guestView }: HostDocument): CacheLines | undefined => {
  const ctr = guestView['CTR_EL0']
  if (ctr === undefined) return undefined
  const bytes = ({ field }: FieldRef): number => WORD_BYTES * 2 ** getField(fromHex64(ctr), field)
  return { data: bytes(DATA), instruction: bytes(INSTRUCTION) }
}
