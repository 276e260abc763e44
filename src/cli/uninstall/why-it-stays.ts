import type { RemovedObject } from './removed-kinds.ts'

/** Conditions by which a Namespace or a CustomResourceDefinition says what it waits for. */
const TELLING = /Deletion|Remaining|Terminating/

/** Why an object is still there after its deletion, for people. */
export const whyItStays = ({ metadata, status }: RemovedObject): string => {
  if (metadata.deletionTimestamp === undefined)
    return 'it is there again: something else, such as a GitOps tool, creates it'
  const told = (status?.conditions ?? []).flatMap(({ type, status: is, message }) =>
    is === 'True' && TELLING.test(type) && message !== undefined ? [message] : [],
  )
  const { finalizers = [] } = metadata
  const held = finalizers.length === 0 ? [] : [`its finalizers are ${finalizers.join(', ')}`]
  return [...held, ...told].join('; ') || 'its deletion has begun'
}
