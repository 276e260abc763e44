import type { KubeObject } from './kube-object.ts'

/** A kind of object at the API server, with the TypeScript shape of its objects. */
export type Resource<T extends KubeObject> = {
  /** `v1`, `apps/v1`, `cpufeatures.dev/v1alpha1`. */
  readonly apiVersion: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** Carries the type only, never a value. */
  readonly shape?: T
}

/** Declares a resource once; the type parameter is the shape of its objects. */
export const defineResource = <T extends KubeObject>(descriptor: Omit<Resource<T>, 'shape'>): Resource<T> =>
  Object.freeze({ ...descriptor })

/** What a request addresses: the collection (no name), an object, or an object's subresource. */
export type ResourceTarget = {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly subresource?: string | undefined
}

/** A part of a path, which it cannot leave: URLs take `.` and `..` for steps even when they are encoded (WHATWG URL, section 4.4). */
const segment = (text: string): string => {
  if (text === '.' || text === '..') throw new TypeError(`"${text}" is part of no path of the API server`)
  return encodeURIComponent(text)
}

/** The URL path of a resource, an object or a subresource (Kubernetes API concepts, "Resource URIs"). */
export const resourcePath = <T extends KubeObject>(resource: Resource<T>, target: ResourceTarget): string => {
  const version = resource.apiVersion.split('/').map(segment).join('/')
  const group = resource.apiVersion.includes('/') ? `/apis/${version}` : `/api/${version}`
  const namespace =
    resource.namespaced && target.namespace !== undefined ? `/namespaces/${segment(target.namespace)}` : ''
  const name = target.name === undefined ? '' : `/${segment(target.name)}`
  const subresource = target.subresource === undefined ? '' : `/${target.subresource}`
  return `${group}${namespace}/${segment(resource.plural)}${name}${subresource}`
}
