import { midrOf } from '../../../arm64/midr.ts'
import { InputError } from '../input-error.ts'
import { coreKinds } from '../../../discovery/core-kinds.ts'
import type { ForeignHost } from './foreign-host.ts'

type Lines = readonly (readonly [key: string, value: string])[]

const linesOf = (text: string): Lines =>
  text.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':')
    return colon < 0
      ? []
      : [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const]
  })

const has = (lines: Lines, key: string): boolean => lines.some(([name]) => name === key)

const OTHER_MACHINES: Readonly<Record<string, string>> = {
  vendor_id: 'an x86',
  flags: 'an x86',
  cpu_family: 'an x86',
  isa: 'a RISC-V',
  hart: 'a RISC-V',
  timebase: 'a POWER',
  'cpu architecture revision': 'a POWER',
  'machine type': 'an IBM Z',
}

/** Whether a text is /proc/cpuinfo, of any machine. */
export const isCpuinfo = (text: string): boolean => {
  const lines = linesOf(text)
  return (
    (has(lines, 'processor') || has(lines, 'cpu implementer')) && lines.length > 3 && !text.startsWith('{')
  )
}

const numbered = (text: string, source: string, key: string): number => {
  if (/^(0x[0-9a-f]+|\d+)$/i.test(text)) return Number(text)
  throw new InputError(`${source}: ${key} is ${text === '' ? 'empty' : text}, and not a number`)
}

type Cpu = { readonly number: number; readonly midr: bigint; readonly features: readonly string[] }

const PARTS = ['cpu implementer', 'cpu variant', 'cpu part', 'cpu revision'] as const

const midrOfBlock = (block: ReadonlyMap<string, string>, source: string): bigint => {
  const [implementer = 0, variant = 0, part = 0, revision = 0] = PARTS.map((key) => {
    const value = block.get(key)
    if (value === undefined)
      throw new InputError(`${source}: a CPU has no line "${key.replace('cpu', 'CPU')}": is it cut off?`)
    return numbered(value, source, key)
  })
  return midrOf({ implementer, variant, part, revision })
}

/** Each `processor` line begins a CPU; old kernels end with one block that is all CPUs'. */
const blocksOf = (lines: Lines): readonly Map<string, string>[] => {
  const blocks: Map<string, string>[] = []
  for (const [key, value] of lines) {
    if (key === 'processor' || blocks.length === 0) blocks.push(new Map())
    blocks.at(-1)?.set(key, value)
  }
  return blocks
}

const cpusOf = (lines: Lines, source: string): readonly Cpu[] => {
  const blocks = blocksOf(lines)
  const shared =
    blocks.filter((block) => block.has('cpu implementer')).length === 1 ? blocks.at(-1) : undefined
  return blocks.map((block, index) => {
    const whole = new Map([...(shared ?? []), ...block])
    const number = Number(block.get('processor') ?? '')
    return {
      number: Number.isInteger(number) ? number : index,
      midr: midrOfBlock(whole, source),
      features: (whole.get('features') ?? '').split(/\s+/).filter((word) => word !== ''),
    }
  })
}

/** What /proc/cpuinfo tells: MIDR_EL1 of each CPU, and the HWCAPs that all of them have. Throws InputError for other machines. */
export const readCpuinfo = (text: string, source: string): ForeignHost => {
  const lines = linesOf(text)
  const other = Object.entries(OTHER_MACHINES).find(
    ([key]) => has(lines, key) || has(lines, key.replace('_', ' ')),
  )
  if (!has(lines, 'cpu implementer'))
    throw new InputError(
      `${source} is /proc/cpuinfo of ${other?.[1] ?? 'another'} machine; profiles are for arm64`,
    )
  const cpus = cpusOf(lines, source)
  const [first, ...others] = cpus
  const hwcaps = (first?.features ?? []).filter((one) =>
    others.every(({ features }) => features.includes(one)),
  )
  const is32Bit = lines.some(([key, value]) => key === 'cpu architecture' && value.startsWith('7'))
  return {
    kind: 'host',
    from: '/proc/cpuinfo',
    registers: new Map(),
    ofKvm: false,
    cores: coreKinds(new Map(cpus.map(({ number, midr }) => [number, midr]))),
    ...(!is32Bit && hwcaps.length > 0 && { hwcaps }),
    notes: is32Bit ? ['it is of a 32-bit kernel: its features are those of AArch32, and are left out'] : [],
  }
}
