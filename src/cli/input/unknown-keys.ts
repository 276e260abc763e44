/** What a document names that its schema does not: the path, and the keys the schema knows there. */
export type UnknownKey = { readonly path: string; readonly known: readonly string[] }

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const childPath = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

/**
 * The keys of `given` that parsing has dropped: a mistyped key would otherwise be taken for one that was left out, while the API
 * server refuses it. `parsed` is what the schema made of `given`.
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
