/**
 * True if writing `desired` over `current` would change nothing: they are equal as JSON, apart from the order of keys, and an
 * `undefined` field counts as absent. `project` picks the part that we own, if the object carries more.
 */
export const unchanged = <T>(
  desired: T,
  current: T | undefined,
  project: (value: T) => unknown = (v) => v,
): boolean => current !== undefined && equal(project(desired), project(current))

const equal = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((v, i) => equal(v, b[i]))
  return isRecord(a) && isRecord(b) && equalRecords(a, b)
}

type JsonRecord = Readonly<Record<string, unknown>>

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const equalRecords = (a: JsonRecord, b: JsonRecord): boolean => {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => equal(a[key], b[key]))
}
