import * as z from 'zod'

/** A JSON Schema node as `z.toJSONSchema` gives it and as a CRD takes it. */
export type SchemaNode = {
  [keyword: string]: unknown
  type?: string
  description?: string
  properties?: Record<string, SchemaNode>
  items?: SchemaNode
  additionalProperties?: SchemaNode | boolean
  anyOf?: SchemaNode[]
  required?: string[]
}

/** Words of JSON Schema that a structural schema has no place for, or that zod adds only to bound its own integers. */
const DROPPED = new Set(['$schema', 'propertyNames', 'const', 'anyOf', 'properties', 'items', 'additionalProperties'])

const isUnboundedInteger = (keyword: string, value: unknown): boolean =>
  (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER) ||
  (keyword === 'minimum' && value === Number.MIN_SAFE_INTEGER)

/** The keywords of one node without its children, in the dialect of Kubernetes. */
const ownKeywords = (node: SchemaNode): SchemaNode => {
  const kept = Object.entries(node).filter(
    ([keyword, value]) => !DROPPED.has(keyword) && !isUnboundedInteger(keyword, value),
  )
  const own: SchemaNode = Object.fromEntries(kept)
  if (own.type === 'integer') own.format = 'int64'
  // Kubernetes parses date-time itself; zod's pattern would refuse the microseconds that metav1.MicroTime has.
  if (own.format === 'date-time') delete own.pattern
  if ('const' in node) {
    own.enum = [node.const]
    if (Number.isInteger(node.const)) own.type = 'integer'
  }
  return own
}

/**
 * A union of integer and string becomes one node: `pattern` and `maxLength` bind strings only, `minimum` and
 * `maximum` numbers only (JSON Schema validation, sections 6.2 and 6.3), so nothing is lost.
 */
const intOrString = (node: SchemaNode, path: string): SchemaNode => {
  if (node['x-kubernetes-int-or-string'] !== true)
    throw new Error(`${path}: a union is not structural; only one of objects or x-kubernetes-int-or-string is`)
  const merged: SchemaNode = Object.assign({}, ...(node.anyOf ?? []).map(ownKeywords), ownKeywords(node)) as SchemaNode
  delete merged.type
  delete merged.format
  return merged
}

/** A union of objects becomes one node that has the properties of all, and requires what all of them require. */
const mergedObjects = (node: SchemaNode): SchemaNode => {
  const { anyOf = [], ...own } = node
  const required = anyOf.map((one) => new Set(one.required))
  return {
    ...own,
    type: 'object',
    properties: Object.assign({}, ...anyOf.map((one) => one.properties)) as Record<string, SchemaNode>,
    required: [...(required[0] ?? [])].filter((name) => required.every((names) => names.has(name))),
  }
}

const convertUnion = (node: SchemaNode, path: string): SchemaNode =>
  node.anyOf?.every(({ type }) => type === 'object') === true
    ? convertObject(mergedObjects(node), path)
    : intOrString(node, path)

const requireBound = (node: SchemaNode, keyword: string, path: string): void => {
  if (typeof node[keyword] !== 'number')
    throw new Error(`${path}: ${keyword} is missing; an unbounded value makes CEL rules too dear and objects too big`)
}

const requireDescription = (node: SchemaNode, path: string): void => {
  if (node.description === undefined) throw new Error(`${path}: a description is missing; kubectl explain shows it`)
}

const convertProperties = (node: SchemaNode, path: string): Record<string, SchemaNode> =>
  Object.fromEntries(
    Object.entries(node.properties ?? {}).map(([name, child]) => {
      requireDescription(child, `${path}.${name}`)
      return [name, convert(child, `${path}.${name}`)]
    }),
  )

const convertObject = (node: SchemaNode, path: string): SchemaNode => {
  const own = ownKeywords(node)
  if (typeof node.additionalProperties === 'object') {
    requireBound(node, 'maxProperties', path)
    own.additionalProperties = convert(node.additionalProperties, `${path}[*]`)
  } else if (Object.keys(node.properties ?? {}).length > 0) {
    own.properties = convertProperties(node, path)
  }
  return own
}

const convertArray = (node: SchemaNode, path: string): SchemaNode => {
  requireBound(node, 'maxItems', path)
  const listType = node['x-kubernetes-list-type'] ?? 'atomic'
  return { ...ownKeywords(node), 'x-kubernetes-list-type': listType, items: convert(node.items ?? {}, `${path}[*]`) }
}

const convertString = (node: SchemaNode, path: string): SchemaNode => {
  if (node.enum === undefined && node.format !== 'date-time') requireBound(node, 'maxLength', path)
  return ownKeywords(node)
}

const convert = (node: SchemaNode, path: string): SchemaNode => {
  if (node.anyOf !== undefined) return convertUnion(node, path)
  if (node.type === 'object') return convertObject(node, path)
  if (node.type === 'array') return convertArray(node, path)
  if (node.type === 'string') return convertString(node, path)
  return ownKeywords(node)
}

/**
 * The structural OpenAPI v3 schema (KEP-1111, `apiextensions.k8s.io/v1`) of what a user may write for `schema`: no
 * references, no unions but of objects (as one with the properties of all), every list with its merge strategy, everything bounded and
 * described.
 *
 * Throws if `schema` says something Kubernetes cannot hold, with the path of the field.
 */
export const structuralSchema = (schema: z.ZodType, path: string): SchemaNode =>
  convert(z.toJSONSchema(schema, { io: 'input', reused: 'inline' }) as SchemaNode, path)
