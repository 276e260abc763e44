import type { HostDocument } from '../../api/host-document.ts'
import type { NamedClass } from './named-class.ts'

const MEASURED = ['counterFrequency', 'dczid'] as const

/** The value that most hosts have; undefined if no host document has one. */
const mostly = <K extends (typeof MEASURED)[number]>(
  classes: readonly NamedClass[],
  key: K,
): HostDocument[K] | undefined => {
  const telling = classes.filter(({ host }) => host[key] !== undefined)
  const groups = Map.groupBy(telling, ({ host }) => host[key])
  const nodes = (group: readonly NamedClass[]): number => group.reduce((sum, one) => sum + one.nodes, 0)
  return [...groups].toSorted(([, a], [, b]) => nodes(b) - nodes(a))[0]?.[0]
}

/**
 * The same classes, except that a class without values of what guests read untrapped (a dump) gets those that most others have. This lets
 * the caller look for a common view. The reach of such a class stays unknown.
 */
export const assumingUntrapped = (classes: readonly NamedClass[]): readonly NamedClass[] => {
  const assumed = { counterFrequency: mostly(classes, 'counterFrequency'), dczid: mostly(classes, 'dczid') }
  return classes.map((one) => {
    const missing = MEASURED.filter((key) => one.host[key] === undefined && assumed[key] !== undefined)
    return missing.length === 0
      ? one
      : { ...one, host: { ...one.host, ...Object.fromEntries(missing.map((key) => [key, assumed[key]])) } }
  })
}
