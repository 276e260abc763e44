import * as z from 'zod'
import { midrsOfCpu } from '../../../arm64/cpu-name.ts'
import { InputError } from '../input-error.ts'
import type { CoreKind } from '../../../discovery/core-kinds.ts'
import type { ForeignHost } from './foreign-host.ts'

type Entry = readonly [field: string, value: string]

type Node = {
  readonly field: string
  readonly data?: string | null | undefined
  readonly children?: readonly Node[] | undefined
}

const node: z.ZodType<Node> = z.object({
  field: z.string(),
  data: z.string().nullish(),
  children: z.lazy(() => z.array(node)).optional(),
})

const lscpuJson = z.object({ lscpu: z.array(node) })

/** Newer versions nest what belongs together; older ones have one list. */
const flat = (nodes: readonly Node[]): readonly Entry[] =>
  nodes.flatMap(({ field, data, children }) => [
    [field.replace(/:\s*$/, '').trim().toLowerCase(), (data ?? '').trim()] as const,
    ...flat(children ?? []),
  ])

const entriesOf = (text: string): readonly Entry[] =>
  text.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 0
      ? []
      : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const]
  })

const valueOf = (entries: readonly Entry[], field: string): string | undefined =>
  entries.find(([name]) => name === field)?.[1]

/** People cut lines away: the architecture comes first, and any of the others proves that it is lscpu's. */
const isOfLscpu = (entries: readonly Entry[]): boolean =>
  valueOf(entries, 'architecture') !== undefined &&
  ['byte order', 'cpu op-mode(s)', 'cpu(s)', 'vendor id', 'model name'].some(
    (field) => valueOf(entries, field) !== undefined,
  )

/** What lscpu printed, as text or with -J; undefined if the input is something else. */
export const lscpuEntries = (input: {
  readonly text: string
  readonly json?: unknown
}): readonly Entry[] | undefined => {
  const parsed = lscpuJson.safeParse(input.json)
  if (parsed.success) return flat(parsed.data.lscpu)
  const entries = input.json === undefined ? entriesOf(input.text) : []
  return isOfLscpu(entries) ? entries : undefined
}

const revisionOf = (
  stepping: string | undefined,
  model: string | undefined,
): { variant: number; revision: number } => {
  const [, variant = '0', revision] = /^r(\d+)p(\d+)$/i.exec(stepping ?? '') ?? []
  return { variant: Number(variant), revision: Number(revision ?? model ?? '0') }
}

const kindOf = (entries: readonly Entry[], source: string): CoreKind => {
  const name = valueOf(entries, 'model name') ?? ''
  const midrs = midrsOfCpu(name, revisionOf(valueOf(entries, 'stepping'), valueOf(entries, 'model')))
  const [midr] = midrs
  if (midr !== undefined && midrs.length === 1) return { midr, cpus: [] }
  throw new InputError(
    `${source}: lscpu names the CPU "${name}", for which ${midrs.length === 0 ? 'no' : 'more than one'} MIDR_EL1 is known; ` +
      'give /proc/cpuinfo, which has the numbers',
  )
}

/** Each `Model name` begins a kind of core. */
const kindsIn = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const starts = entries.flatMap(([field], index) => (field === 'model name' ? [index] : []))
  return starts.map((start, index) => entries.slice(start, starts[index + 1]))
}

/** What lscpu tells: the kinds of cores by name, and the HWCAPs. Throws InputError for other machines. */
export const readLscpu = (entries: readonly Entry[], source: string): ForeignHost => {
  const architecture = valueOf(entries, 'architecture') ?? ''
  if (!/^(aarch64|arm64|armv[78]l)$/i.test(architecture))
    throw new InputError(`${source} is the output of lscpu on ${architecture}; profiles are for arm64`)
  const kinds = kindsIn(entries)
  if (kinds.length === 0) throw new InputError(`${source}: lscpu has no line "Model name": is it cut off?`)
  const flags = (valueOf(entries, 'flags') ?? '').split(/\s+/).filter((word) => word !== '')
  return {
    kind: 'host',
    from: 'lscpu',
    registers: new Map(),
    ofKvm: false,
    cores: kinds.map((kind) => kindOf(kind, source)),
    ...(architecture.toLowerCase() === 'aarch64' && flags.length > 0 && { hwcaps: flags }),
    notes: [],
  }
}
