import type { ObjectMeta } from '../../api/object-meta.ts'
import { ApiError } from '../../kube/api-error.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { defineResource, type Resource } from '../../kube/resource.ts'

/** The part of a kubevirt.io/v1 VirtualMachineInstance that says where its VM runs. */
export type Vmi = {
  apiVersion: 'kubevirt.io/v1'
  kind: 'VirtualMachineInstance'
  metadata: ObjectMeta
  status?: {
    nodeName?: string
    /** The node of each of its pods that run, by the uid of the pod. */
    activePods?: Record<string, string>
  }
}

/** The part of a kubevirt.io/v1 VirtualMachineInstanceMigration that says whose it is. */
export type VmiMigration = {
  apiVersion: 'kubevirt.io/v1'
  kind: 'VirtualMachineInstanceMigration'
  metadata: ObjectMeta
  spec?: { vmiName?: string }
}

export const VMIS = defineResource<Vmi>({
  ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstance' },
  ...{ plural: 'virtualmachineinstances', namespaced: true },
})

export const VMI_MIGRATIONS = defineResource<VmiMigration>({
  ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachineInstanceMigration' },
  ...{ plural: 'virtualmachineinstancemigrations', namespaced: true },
})

/** An object of the platform: itself, `gone`, `forbidden` if we may not read it, or `unreadable` if its API is not served. */
export type PlatformObject<T> = T | 'gone' | 'forbidden' | 'unreadable'

/** The API server answers 404 for an API that it does not serve with a text, and for an object that is not there with a Status. */
const NOT_SERVED = /404 page not found|the server could not find the requested resource/

/** Reads an object of the platform. Rejects with an ApiError if the API server does not answer. */
export const readPlatformObject = async <T extends KubeObject>(
  client: Pick<KubeClient, 'get'>,
  resource: Resource<T>,
  ref: { readonly namespace: string | undefined; readonly name: string },
): Promise<PlatformObject<T>> => {
  try {
    return await client.get(resource, ref)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.status === 403) return 'forbidden'
    if (error.status === 404) return NOT_SERVED.test(error.message) ? 'unreadable' : 'gone'
    throw error
  }
}
