import type { HostDocument } from '../../api/host-document.ts'
import { fromHex64 } from '../../api/hex64.ts'
import { cpuName } from '../../arm64/cpu-name.ts'
import { hostClass } from '../../compatibility/host-class.ts'
import type { ClassifiedHost } from '../../profile/baseline/classified-host.ts'
import { distinctNames } from './distinct-names.ts'
import type { InputDocument } from './parse-document.ts'

/** A host from a file or a node. */
export type NamedHost = { readonly name: string; readonly host: HostDocument; readonly selected?: boolean }

/** The hosts among documents. */
export const hostsIn = (documents: readonly InputDocument[]): readonly NamedHost[] => {
  const hosts = documents.filter((document) => document.kind === 'host')
  const names = distinctNames(hosts)
  return hosts.map(({ name, host }, index) => ({ name: names[index] ?? name, host }))
}

/** The hosts of one host class, with their names. */
export type NamedClass = ClassifiedHost & { readonly names: readonly string[] }

/** Groups hosts by class, in the order of the input. */
export const namedClasses = (hosts: readonly NamedHost[]): readonly NamedClass[] => {
  const groups = Map.groupBy(hosts, ({ host }) => hostClass(host))
  return [...groups].flatMap(([name, members]) => {
    const [first] = members
    if (first === undefined) return []
    const selected = members.filter((one) => one.selected ?? true)
    return [
      {
        class: name,
        nodes: selected.length || members.length,
        host: first.host,
        selected: selected.length > 0,
        names: members.map((member) => member.name),
      },
    ]
  })
}

/** Some of the names of a class: `a, b and 3 more`. */
export const sampleNames = ({ names }: NamedClass, count = 2): string =>
  names.length <= count + 1
    ? names.join(', ')
    : `${names.slice(0, count).join(', ')} and ${names.length - count} more`

/** The name of a class in a line of text: that of its first host. */
export const classLabel = (one: NamedClass): string => sampleNames(one, 1)

/** The CPU of a host, by its maker's name. */
export const hostCpu = ({ cpu }: HostDocument): string => cpuName(fromHex64(cpu.midr))

/** The rows of classes in the first table of several verbs. */
export const classRows = (classes: readonly NamedClass[]): readonly (readonly string[])[] =>
  classes.map((one) => [one.class, sampleNames(one), hostCpu(one.host), one.host.kernel.release])

/** The head of {@link classRows}. */
export const CLASS_HEADER = ['CLASS', 'HOSTS', 'CPU', 'KERNEL'] as const
