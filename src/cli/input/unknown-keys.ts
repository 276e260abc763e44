/** A key of a document that its schema does not know: its path, and the keys that the schema knows there. */
export type UnknownKey = { readonly path: string; readonly known: readonly string[] }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const childPath = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

/**
 * The keys of `given` that parsing dropped; `parsed` is the result of parsing. Without this check a mistyped key would count as left out,
 * while the API server refuses it.
 */
export const unknownKeys = (given: unknown, parsed: unknown, path = ''): readonly UnknownKey[] => {
  if (Array.isArray(given) && Array.isArray(parsed)) {
    return given.flatMap((item, index) => unknownKeys(item, parsed[index], `${path}[${index}]`))
  }
  if (!isObject(given) || !isObject(parsed)) return []
  return Object.keys(given).flatMap((key) =>
    Object.hasOwn(parsed, key)
      ? unknownKeys(given[key], parsed[key], childPath(path, key))
      : [{ path: childPath(path, key), known: Object.keys(parsed) }],
  )
}
