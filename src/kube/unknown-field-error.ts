import { ApiError } from './api-error.ts'
import type { KubeObject } from './kube-object.ts'
import type { Resource } from './resource.ts'

/** How the API server names fields that a schema lacks: strict decoding first, then server-side apply (structured-merge-diff). */
const NAMED = [/unknown field "([^"]+)"/g, /(\.[^\s:]+): field not declared in schema/g]

const fieldsIn = (message: string): readonly string[] =>
  NAMED.flatMap((pattern) => [...message.matchAll(pattern)].map(([, field = '']) => field.replace(/^\./, '')))

/**
 * A write that the API server refused because the schema in the cluster lacks a field, told as what it is: the CRD is of another version
 * than the program. Any other error stays as it is.
 */
export const unknownFieldError = <T extends KubeObject>(error: unknown, resource: Resource<T>): unknown => {
  if (!(error instanceof ApiError)) return error
  const fields = fieldsIn(error.message)
  if (fields.length === 0) return error
  const request = error.message.slice(0, Math.max(error.message.indexOf(': '), 0))
  return new ApiError({
    status: error.status,
    reason: 'UnknownField',
    message:
      `${request}: ${resource.plural} of ${resource.apiVersion} as installed in the cluster lack ${fields.join(', ')}; ` +
      'install the CRDs of the version that writes them',
    cause: error,
  })
}
