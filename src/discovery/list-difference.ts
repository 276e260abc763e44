/** The items that `list` has beyond `reference`, and those that it lacks, each in the order of its list. */
export const listDifference = (
  reference: readonly bigint[],
  list: readonly bigint[],
): { added: bigint[]; removed: bigint[] } => {
  const known = new Set(reference)
  const present = new Set(list)
  return {
    added: list.filter((id) => !known.has(id)),
    removed: reference.filter((id) => !present.has(id)),
  }
}
