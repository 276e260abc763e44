import { InputError } from './input-error.ts'
import { hostsIn, namedClasses } from './named-class.ts'
import type { NamedClass } from './named-class.ts'
import { readDocuments } from './read-documents.ts'

/** The host classes in files. Throws InputError where there is no host document in them. */
export const hostClasses = (paths: readonly string[]): readonly NamedClass[] => {
  const hosts = hostsIn(readDocuments(paths))
  if (hosts.length === 0) throw new InputError(`--hosts ${paths.join(' ')}: no host document in it`)
  return namedClasses(hosts)
}
