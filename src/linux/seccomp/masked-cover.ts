/** All values that have `value` in the bits of `mask`: what SCMP_CMP_MASKED_EQ matches (seccomp_rule_add(3)). */
export type MaskedValue = { readonly mask: bigint; readonly value: bigint }

const ANY: MaskedValue = { mask: 0n, value: 0n }

const withBit = ({ mask, value }: MaskedValue, bit: bigint, one: boolean): MaskedValue => ({
  mask: mask | bit,
  value: one ? value | bit : value,
})

/** Those of `some` that have values in common with "`bit` is one" or "`bit` is zero". */
const onSide = (some: readonly MaskedValue[], bit: bigint, one: boolean): MaskedValue[] =>
  some.filter(({ mask, value }) => (mask & bit) === 0n || ((value & bit) !== 0n) === one)

/**
 * Disjoint masked values: together, every value of `width` bits except `excluded`. As few as a tree of decisions by single bits needs that
 * first asks for what all of the excluded values have in common.
 */
export const maskedCover = (width: number, excluded: readonly MaskedValue[]): readonly MaskedValue[] => {
  const bits = Array.from({ length: width }, (_, index) => 1n << BigInt(index))
  const known = new Map<string, readonly MaskedValue[]>()

  const split = (at: MaskedValue, bit: bigint, left: readonly MaskedValue[]): readonly MaskedValue[] => [
    ...cover(withBit(at, bit, true), onSide(left, bit, true)),
    ...cover(withBit(at, bit, false), onSide(left, bit, false)),
  ]
  const make = (at: MaskedValue, left: readonly MaskedValue[]): readonly MaskedValue[] => {
    if (left.length === 0) return [at]
    const open = bits.filter((bit) => (at.mask & bit) === 0n && left.some(({ mask }) => (mask & bit) !== 0n))
    // A value that says nothing about the bits that are still open covers all that is left here.
    if (left.some(({ mask }) => open.every((bit) => (mask & bit) === 0n))) return []
    const said = open.filter((bit) => left.every(({ mask }) => (mask & bit) !== 0n))
    const common = said.find((bit) => new Set(left.map(({ value }) => value & bit)).size === 1)
    if (common !== undefined) return split(at, common, left)
    const tried = (said.length > 0 ? said : open).map((bit) => split(at, bit, left))
    return tried.reduce((best, one) => (one.length < best.length ? one : best))
  }
  const cover = (at: MaskedValue, left: readonly MaskedValue[]): readonly MaskedValue[] => {
    const key = `${at.mask}/${at.value}`
    const answer = known.get(key) ?? make(at, left)
    known.set(key, answer)
    return answer
  }
  return cover(ANY, excluded)
}
