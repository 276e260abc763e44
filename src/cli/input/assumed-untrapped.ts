import type { HostDocument } from '../../api/host-document.ts'
import type { NamedClass } from './named-class.ts'

const MEASURED = ['counterFrequency', 'dczid'] as const

/** What most hosts have of it; undefined where none tells. */
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
 * The classes as if those that do not tell what guests read untrapped (dumps) had what most of the others have: a view in common can
 * then be looked for. Their reach stays unknown.
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
