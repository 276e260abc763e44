import type { Node } from './resources.ts'

/** Keeps of a watched node what the controller reads: who it is and its labels. */
export const nodeInMemory = (node: Node): Node => {
  const { name, uid, resourceVersion, deletionTimestamp, labels } = node.metadata
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      labels: labels ?? {},
    },
  }
}
