import * as z from 'zod'

type Schema = z.core.$ZodType
type Shape = Readonly<Record<string, Schema>>

/** Without what only says that a value may be left out. */
const bare = (schema: Schema | undefined): Schema | undefined =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? bare(schema.unwrap()) : schema

const schemaAt = (schema: Schema, path: readonly PropertyKey[]): Schema | undefined =>
  path.reduce<Schema | undefined>((at, key) => {
    const inner = bare(at)
    if (inner instanceof z.ZodObject) return (inner.shape as Shape)[String(key)]
    if (inner instanceof z.ZodArray) return inner.element
    return inner instanceof z.ZodRecord ? inner.valueType : undefined
  }, schema)

/** The keys of the object at a path of what a schema describes; none where it has no object, or one with any keys. */
export const keysAt = (schema: Schema, path: readonly PropertyKey[]): readonly string[] => {
  const at = bare(schemaAt(schema, path))
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/** The paths of the objects that have a key of this name, those in lists without their index. */
export const objectsWith = (
  schema: Schema | undefined,
  key: string,
  path: readonly string[] = [],
): readonly (readonly string[])[] => {
  const at = bare(schema)
  if (at instanceof z.ZodArray) return objectsWith(at.element, key, path)
  if (!(at instanceof z.ZodObject)) return []
  const below = Object.entries(at.shape as Shape).flatMap(([name, inner]) =>
    objectsWith(inner, key, [...path, name]),
  )
  return Object.hasOwn(at.shape, key) ? [path, ...below] : below
}
