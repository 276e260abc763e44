import { extname } from 'node:path'

/** What has a name, and where it comes from: a path, or an object of the cluster. */
type Named = { readonly name: string; readonly source: string }

/** The last parts of a path without its extension: `old/host` of `probes/old/host.json`. */
const tail = (source: string, parts: number): string =>
  source
    .slice(0, source.length - extname(source).length)
    .split('/')
    .slice(-parts)
    .join('/')

const MOST_PARTS = 32

/** The fewest last parts of the paths that tell them apart; undefined if none do. */
const tellingParts = (group: readonly Named[]): number | undefined =>
  Array.from({ length: MOST_PARTS }, (_, index) => index + 1).find(
    (parts) => new Set(group.map(({ source }) => tail(source, parts))).size === group.length,
  )

const renamed = (group: readonly Named[], one: Named): string => {
  if (group.length === 1) return one.name
  const parts = tellingParts(group)
  if (parts === undefined) return `${one.name}[${group.indexOf(one)}]`
  return tail(one.source, 1) === one.name ? tail(one.source, parts) : `${one.name} (${one.source})`
}

/** A name for each, no two alike: files of one base name are told apart by their folders, items of one file by their number. */
export const distinctNames = (all: readonly Named[]): readonly string[] => {
  const groups = Map.groupBy(all, ({ name }) => name)
  return all.map((one) => renamed(groups.get(one.name) ?? [one], one))
}
