import type { ClusterOptions } from './cluster-client.ts'
import { clusterReference } from './cluster-reference.ts'
import type { InputDocument } from './parse-document.ts'
import { readDocuments } from './read-documents.ts'

/** The documents that words name: files, folders, - for standard input, and objects of the cluster as `KIND/NAME`. */
export const documentsNamed = async (
  words: readonly string[],
  options: ClusterOptions,
): Promise<readonly InputDocument[]> => {
  const documents: InputDocument[] = []
  for (const word of words) {
    const reference = clusterReference(word)
    if (reference === undefined) {
      documents.push(...readDocuments([word]))
      continue
    }
    // Loaded only here, so that a verb that reads only files starts without it.
    const { clusterDocument } = await import('./cluster-documents.ts')
    documents.push(await clusterDocument(reference, options))
  }
  return documents
}
