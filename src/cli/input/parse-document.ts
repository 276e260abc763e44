import * as z from 'zod'
import { API_GROUP_VERSION } from '../../api/names.ts'
import { cpuFeatureProfileSpec, cpuFeatureProfileStatus } from '../../api/cpu-feature-profile.ts'
import type { Baseline, CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { hostDocument } from '../../api/host-document.ts'
import type { HostDocument } from '../../api/host-document.ts'
import { objectNameProblem, profileNameProblem } from '../../api/object-name.ts'
import { plan as planSchema } from '../../api/plan.ts'
import type { Plan } from '../../api/plan.ts'
import { profileBase } from '../../api/profile-base.ts'
import { unknownKeys } from '../../api/unknown-keys.ts'
import { nearestNames } from '../../profile/spec/nearest-names.ts'
import { readFirecracker } from './foreign/firecracker-dump.ts'
import type { ForeignTemplate } from './foreign/firecracker-dump.ts'
import { InputError } from './input-error.ts'
import { keysAt, objectsWith } from './schema-place.ts'
import { schemaProblem } from './schema-problem.ts'
import { knownPlan } from './known-plan.ts'

/** A literal guest view: `base.view` of a profile. */
export type LiteralView = NonNullable<CpuFeatureProfileSpec['base']['view']>

/** The contents of a file or of an object in the cluster. `source` says where it comes from. */
export type InputDocument = { readonly name: string; readonly source: string } & (
  | { readonly kind: 'host'; readonly host: HostDocument }
  | { readonly kind: 'unprobed'; readonly why: string }
  | { readonly kind: 'profile'; readonly spec: CpuFeatureProfileSpec; readonly baseline?: Baseline }
  | { readonly kind: 'revision'; readonly plan: Plan }
  | { readonly kind: 'view'; readonly view: LiteralView }
  | { readonly kind: 'template'; readonly template: ForeignTemplate }
)

type Origin = { readonly source: string; readonly name: string }

const pathText = (path: readonly PropertyKey[]): string =>
  path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')

const parsed = <T>(schema: z.ZodType<T>, value: unknown, prefix: string, { source }: Origin): T => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const problems = result.error.issues.slice(0, 8).map((issue) => {
    const place = pathText([prefix, ...issue.path].filter((part) => part !== ''))
    return `  ${place}: ${schemaProblem(issue, value, schema)}`
  })
  throw new InputError([`${source} is not valid:`, ...problems].join('\n'))
}

/** Where an unknown key belongs, or what may have been meant by it. */
const unknownKeyHint = (path: readonly PropertyKey[], schema: z.core.$ZodType): string => {
  const key = String(path.at(-1))
  const objects = objectsWith(schema, key).map((object) => pathText(['spec', ...object]))
  if (objects.length > 0) return `; it is a field of ${objects.join(' and of ')}`
  const known = keysAt(schema, path.slice(0, -1))
  return known.length === 0 ? '' : `; the nearest names are ${nearestNames(key, known)}`
}

/** Like the API server, treats a key that the schema does not know as a mistake. */
const withoutUnknownKeys = (
  value: unknown,
  result: unknown,
  schema: z.core.$ZodType,
  { source }: Origin,
): void => {
  const [unknown] = unknownKeys(value, result)
  if (unknown === undefined) return
  const { path } = unknown
  throw new InputError(
    `${source}: ${pathText(['spec', ...path])}: unknown field${unknownKeyHint(path, schema)}`,
  )
}

const exactlyOneBase = ({ base }: CpuFeatureProfileSpec, { source }: Origin): void => {
  const given = Object.keys(base)
  if (given.length === 1) return
  const names = Object.keys(profileBase.shape).join(', ')
  const has = given.length === 0 ? 'it has none' : `it has ${given.join(' and ')}`
  throw new InputError(`${source}: spec.base: exactly one of ${names} must be set; ${has}`)
}

const asProfile = (object: Kubernetes, origin: Origin): InputDocument => {
  const spec = parsed(cpuFeatureProfileSpec, object.spec, 'spec', origin)
  withoutUnknownKeys(object.spec, spec, cpuFeatureProfileSpec, origin)
  exactlyOneBase(spec, origin)
  const wrongName = profileNameProblem(origin.name)
  if (wrongName !== undefined)
    throw new InputError(`${origin.source}: metadata.name: "${origin.name}": ${wrongName}`)
  const { baseline } = parsed(cpuFeatureProfileStatus, object.status ?? {}, 'status', origin)
  return { kind: 'profile', ...origin, spec, ...(baseline && { baseline }) }
}

const asRevision = (object: Kubernetes, origin: Origin): InputDocument => {
  const plan = parsed(planSchema, object.spec, 'spec', origin)
  withoutUnknownKeys(object.spec, plan, planSchema, origin)
  const wrongName = objectNameProblem(origin.name)
  if (wrongName !== undefined)
    throw new InputError(`${origin.source}: metadata.name: "${origin.name}": ${wrongName}`)
  knownPlan(plan, origin.source)
  return { kind: 'revision', ...origin, plan }
}

const conditionMessage = z.object({ conditions: z.array(z.object({ message: z.string() })).min(1) })

const asReport = (object: Kubernetes, origin: Origin): InputDocument => {
  const status = (object.status ?? {}) as { readonly host?: unknown }
  if (status.host !== undefined) {
    return { kind: 'host', ...origin, host: parsed(hostDocument, status.host, 'status.host', origin) }
  }
  const why = conditionMessage.safeParse(object.status).data?.conditions[0]?.message
  return { kind: 'unprobed', ...origin, why: why ?? 'its node-agent has not reported yet' }
}

const KINDS: Readonly<Record<string, (object: Kubernetes, origin: Origin) => InputDocument>> = {
  CpuFeatureProfile: asProfile,
  CpuFeatureProfileRevision: asRevision,
  NodeCpuFeatures: asReport,
}

const kubernetes = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.object({ name: z.string().min(1) }).optional(),
  spec: z.unknown().optional(),
  status: z.unknown().optional(),
})

type Kubernetes = z.infer<typeof kubernetes>

const asKubernetes = (object: Kubernetes, origin: Origin): InputDocument => {
  const parse = KINDS[object.kind]
  if (object.apiVersion !== API_GROUP_VERSION || parse === undefined) {
    const kinds = Object.keys(KINDS).join(', ')
    throw new InputError(
      `${origin.source}: ${object.kind} of ${object.apiVersion} is not a kind that cpufeatures reads; give ${kinds} ` +
        `of ${API_GROUP_VERSION}, or the output of cpufeatures probe`,
    )
  }
  const name = object.metadata?.name
  if (name === undefined)
    throw new InputError(`${origin.source}: metadata.name: a ${object.kind} needs a name`)
  return parse(object, { ...origin, name })
}

const viewSchema = profileBase.shape.view.unwrap()

const has = (value: object, key: string): boolean => Object.hasOwn(value, key)

const asForeign = (value: object, origin: Origin): InputDocument | undefined => {
  const foreign = readFirecracker(value, origin.source)
  if (foreign?.kind !== 'host') return foreign && { kind: 'template', ...origin, template: foreign }
  throw new InputError(
    `${origin.source} is a dump of Firecracker's cpu-template-helper: convert it with cpufeatures import ${origin.source}`,
  )
}

/** By its keys; undefined if nothing has such keys. */
const recognised = (value: object, origin: Origin): InputDocument | undefined => {
  if (has(value, 'kind') && has(value, 'apiVersion')) {
    return asKubernetes(parsed(kubernetes, value, '', origin), origin)
  }
  if (has(value, 'guestView'))
    return { kind: 'host', ...origin, host: parsed(hostDocument, value, '', origin) }
  if ('view' in value)
    return { kind: 'view', ...origin, view: parsed(viewSchema, value.view, 'view', origin) }
  if (has(value, 'registers')) return { kind: 'view', ...origin, view: parsed(viewSchema, value, '', origin) }
  return asForeign(value, origin)
}

/** Recognises a document by its keys, and checks it. `name` is for a document without a name. Throws InputError. */
export const parseDocument = (value: unknown, source: string, name: string): InputDocument => {
  const found = typeof value === 'object' && value !== null ? recognised(value, { source, name }) : undefined
  if (found !== undefined) return found
  throw new InputError(
    `${source} is not a document that cpufeatures reads: a host document (cpufeatures probe), a CpuFeatureProfile, ` +
      'a CpuFeatureProfileRevision, a NodeCpuFeatures, or a view (cpufeatures baseline -o yaml)',
  )
}
