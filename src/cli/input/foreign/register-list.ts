import { FEATURE_ID_REGISTERS } from '../../../arm64/register.ts'
import { kvmIdIn, registerBySpelling } from '../../../arm64/register-spelling.ts'
import { InputError } from '../input-error.ts'
import { coreKinds } from '../../../discovery/core-kinds.ts'
import type { ForeignHost } from './foreign-host.ts'
import { bareRadix, numberValue, writtenNumber } from './register-number.ts'
import type { WrittenNumber } from './register-number.ts'

/** A register and a value, where a list has them; `cpu` where it says of which CPU. */
export type ListedRegister = {
  readonly id: bigint
  readonly written: WrittenNumber
  readonly cpu?: number
  /** `line 3`. */
  readonly place: string
}

const MIDR = registerBySpelling('MIDR_EL1')?.kvmRegisterId ?? 0n

const idOf = (word: string): bigint | undefined => kvmIdIn(word) ?? registerBySpelling(word)?.kvmRegisterId

// Encodings with spaces in them, KVM's ids as the kernel's documentation groups them, and paths of sysfs.
const joined = (line: string): string =>
  line
    .replaceAll(
      /sys_reg\s*\(([^)]*)\)/gi,
      (_, numbers: string) => `S3_${(numbers.match(/\d+/g) ?? []).slice(1).join('_')}`,
    )
    .replaceAll(
      /Op0\(\s*3\),\s*Op1\(\s*(\d+)\),\s*CRn\(\s*(\d+)\),\s*CRm\(\s*(\d+)\),\s*Op2\(\s*(\d+)\)/gi,
      'S3_$1_$2_$3_$4',
    )
    .replaceAll(/\b0x(60[0-9a-f]{2}) ([0-9a-f]{4}) ([0-9a-f]{4}) ([0-9a-f]{4})\b/gi, '0x$1$2$3$4')

const CPU = /\bcpu[\s#:_-]*(\d+)\b/i
// The kernel's log: "Booting Linux on physical CPU 0x0000000000 [0x410fd083]", "CPU1: Booted secondary processor 0x0000000001 [...]".
const BOOTED = /boot(?:ing linux on|ed secondary).*\[(0x[0-9a-f]{8})\]/i

type Where = { readonly place: string; readonly cpu?: number }

/** A register's name sets what the next number is the value of. */
const pairsIn = (line: string, of: Where): readonly ListedRegister[] => {
  const found: ListedRegister[] = []
  let id: bigint | undefined
  for (const word of joined(line).split(/[\s,;:=|"'`[\](){}<>/]+/)) {
    const named = idOf(word)
    const written = named === undefined ? writtenNumber(word) : undefined
    id = named ?? id
    if (id === undefined || written === undefined) continue
    found.push({ id, written, ...of })
    id = undefined
  }
  return found
}

const inLine = (line: string, place: string): readonly ListedRegister[] => {
  const cpu = CPU.exec(line)?.[1]
  const booted = writtenNumber(BOOTED.exec(line)?.[1] ?? '')
  // The first CPU that boots is told by its address, not by its number.
  if (booted !== undefined) return [{ id: MIDR, written: booted, place, cpu: Number(cpu ?? '0') }]
  return pairsIn(line, { place, ...(cpu !== undefined && { cpu: Number(cpu) }) })
}

/** `cat midr_el1`, of one CPU or of several: nothing but numbers that can be a MIDR_EL1. */
const nakedMidrs = (lines: readonly string[]): readonly ListedRegister[] => {
  const numbers = lines.map((line) => line.trim()).filter((line) => line !== '')
  if (
    numbers.length === 0 ||
    !numbers.every((text) => /^(0x)?(0{8})?[4-9a-f][0-9a-f]{2}f[0-9a-f]{4}$/i.test(text))
  )
    return []
  return numbers.flatMap((text, cpu) => {
    const written = writtenNumber(text)
    return written === undefined
      ? []
      : [{ id: MIDR, written: { ...written, base: 'hex' as const }, cpu, place: `line ${cpu + 1}` }]
  })
}

/** The registers that a text lists, a line at a time; empty if it lists none. */
export const listedRegisters = (text: string): readonly ListedRegister[] => {
  const lines = text.split(/\r?\n/)
  const naked = nakedMidrs(lines)
  if (naked.length > 0) return naked
  return lines.flatMap((line, index) => (/^\s*(#|\/\/)/.test(line) ? [] : inLine(line, `line ${index + 1}`)))
}

const nameOf = (id: bigint): string =>
  FEATURE_ID_REGISTERS.find(({ kvmRegisterId }) => kvmRegisterId === id)?.name ?? `0x${id.toString(16)}`

type Valued = ListedRegister & { readonly value: bigint }

const valued = (listed: readonly ListedRegister[], source: string): readonly Valued[] => {
  const radix = bareRadix(listed.map(({ written }) => written))
  return listed.map((one) => {
    const value = numberValue(one.written, radix)
    if (value === undefined)
      throw new InputError(`${source}: ${one.place}: ${nameOf(one.id)} is of more than 64 bits`)
    return { ...one, value }
  })
}

const noneTwice = (all: readonly Valued[], source: string): void => {
  const groups = Map.groupBy(all, ({ id, cpu }) => `${id}/${cpu ?? ''}`)
  const [first, second] = [...groups.values()].find((group) => group.length > 1) ?? []
  if (first === undefined || second === undefined) return
  throw new InputError(
    `${source}: ${nameOf(first.id)} is in it twice (${first.place}, ${second.place}); keep the one that is right`,
  )
}

/**
 * What registers with their values tell of a host; `unread` are notes on what else the list names. Throws InputError for one that is there
 * twice, or too wide.
 */
export const readRegisterList = (
  listed: readonly ListedRegister[],
  source: string,
  unread: readonly string[] = [],
): ForeignHost => {
  const all = valued(listed, source)
  noneTwice(all, source)
  const midrs = new Map(all.filter(({ id }) => id === MIDR).map(({ cpu, value }) => [cpu ?? 0, value]))
  const cores = coreKinds(midrs)
  const kindOf = (cpu: number | undefined): number => cores.findIndex(({ cpus }) => cpus.includes(cpu ?? 0))
  const ofFirstKind = all.filter(({ cpu }) => cores.length < 2 || kindOf(cpu) === 0)
  const groups = [...Map.groupBy(ofFirstKind, ({ id }) => id)]
  const differing = groups.filter(([, group]) => group.some(({ value }) => value !== group[0]?.value))
  return {
    kind: 'host',
    from: 'a list of registers',
    registers: new Map(
      groups.flatMap(([id, [first]]) =>
        first === undefined || differing.some(([other]) => other === id) ? [] : [[id, first.value]],
      ),
    ),
    ofKvm: false,
    cores:
      midrs.size === 1 && all.every(({ cpu }) => cpu === undefined)
        ? cores.map(({ midr }) => ({ midr, cpus: [] }))
        : cores,
    notes: [
      ...unread,
      ...differing.map(([id]) => `${nameOf(id)} is not the same on all CPUs of one kind, and is left out`),
    ],
  }
}
