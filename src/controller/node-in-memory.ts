import type { Node } from './resources.ts'

/** Keeps only what the controller reads of a watched node: its identity, its age, its labels and its boot. */
export const nodeInMemory = (node: Node): Node => {
  const { name, uid, resourceVersion, creationTimestamp, deletionTimestamp, labels } = node.metadata
  const bootID = node.status?.nodeInfo?.bootID
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      labels: labels ?? {},
    },
    ...(bootID === undefined ? {} : { status: { nodeInfo: { bootID } } }),
  }
}
