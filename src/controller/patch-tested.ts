import { ApiError, isApiError } from '../kube/api-error.ts'
import type { JsonPatchOperation, KubeClient } from '../kube/kube-client.ts'
import type { KubeObject, ObjectRef } from '../kube/kube-object.ts'
import type { Resource } from '../kube/resource.ts'

/**
 * A JSON Patch whose `test` operations make it conditional. A failed test comes as 422 with the library's text
 * (json-patch.v4 ErrTestFailed; apiserver endpoints/handlers/patch.go); here it is what it means: a conflict, 409.
 */
export const patchTested = async <T extends KubeObject>(
  client: Pick<KubeClient, 'patchJson'>,
  resource: Resource<T>,
  ref: ObjectRef,
  { operations }: { readonly operations: readonly JsonPatchOperation[] },
): Promise<T> => {
  try {
    return await client.patchJson(resource, ref, operations)
  } catch (error) {
    if (isApiError(error, 422) && /testing value .* failed/.test(error.message))
      throw new ApiError({ status: 409, reason: 'Conflict', message: error.message, cause: error })
    throw error
  }
}
