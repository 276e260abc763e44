import { toHex64 } from '../api/hex64.ts'
import type { HostDocument } from '../api/host-document.ts'
import { unknownMaskBits } from '../arm64/mask-coverage.ts'
import { ALL_ENCODINGS } from '../arm64/register.ts'

const named = (entries: [string, bigint][]): Record<string, string> =>
  Object.fromEntries(entries.filter(([, mask]) => mask !== 0n).map(([name, mask]) => [name, toHex64(mask)]))

/**
 * The masks of KVM_ARM_GET_REG_WRITABLE_MASKS (192, in KVM's order) by register, and those of their bits that are in no field that we
 * know.
 */
export const writableMasks = (
  masks: BigUint64Array,
): Pick<HostDocument, 'writableMasks' | 'unknownMaskBits'> => {
  const entries = ALL_ENCODINGS.map(({ name }, index): [string, bigint] => [name, masks[index] ?? 0n])
  const unknown = named(entries.map(([name, mask]) => [name, unknownMaskBits(name, mask)]))
  return {
    writableMasks: named(entries),
    ...(Object.keys(unknown).length > 0 && { unknownMaskBits: unknown }),
  }
}
