import { ApiError, isApiError } from '../kube/api-error.ts'
import type { JsonPatchOperation, KubeClient } from '../kube/kube-client.ts'
import type { KubeObject, ObjectRef } from '../kube/kube-object.ts'
import type { Resource } from '../kube/resource.ts'

/**
 * A JSON Patch whose `test` operations make it conditional. If a patch does not apply, the API server answers with a generic 422
 * (apiserver 1.36 endpoints/handlers/patch.go, applyJSPatch; apimachinery NewGenericServerResponse), which differs from the 422 for
 * an invalid object. This function turns it into what it means: a conflict, 409.
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
    if (isApiError(error, 422) && error.message.includes('the server rejected our request'))
      throw new ApiError({ status: 409, reason: 'Conflict', message: error.message, cause: error })
    throw error
  }
}
