import { ApiError, isApiError } from '../kube/api-error.ts'
import type { JsonPatchOperation, KubeClient } from '../kube/kube-client.ts'
import type { KubeObject, ObjectRef } from '../kube/kube-object.ts'
import type { Resource } from '../kube/resource.ts'

/**
 * A JSON Patch whose `test` operations make it conditional. A patch that does not apply comes as a 422 in general words
 * (apiserver 1.36 endpoints/handlers/patch.go, applyJSPatch; apimachinery NewGenericServerResponse), other than one that
 * gives an invalid object; here it is what it means: a conflict, 409.
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
