import { cell, readTsv } from './read-tsv.ts'

// KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM64_SYSREG, arch/arm64/include/uapi/asm/kvm.h.
const SYSREG = 0x6030_0000_0013_0000n
// What one of each part of a system register's encoding adds to its id: op0, op1, CRn, CRm, op2.
const UNITS = [0x4000n, 0x800n, 0x80n, 8n, 1n]

type Range = { readonly first: bigint; readonly last: bigint; readonly step: bigint }

const numbers = (text: string): readonly bigint[] => {
  const [first = '', last = first] = text.split('..')
  const count = Number(BigInt(last) - BigInt(first)) + 1
  return Array.from({ length: count }, (_, index) => BigInt(first) + BigInt(index))
}

/** `S3_0_C5_C1_0..1`: every combination of the parts. */
const ofEncoding = (text: string): readonly Range[] =>
  text
    .slice(1)
    .split('_')
    .map((part) => numbers(part.replaceAll('C', '')))
    .reduce<readonly bigint[]>(
      (ids, values, part) => ids.flatMap((id) => values.map((value) => id + value * (UNITS[part] ?? 0n))),
      [SYSREG],
    )
    .map((id) => ({ first: id, last: id, step: 1n }))

/** `0x...`, `0x...0x...` with `..` between them, and after a slash the step. */
const ofIds = (text: string): readonly Range[] => {
  const [range = '', step = '1'] = text.split('/')
  const [first = '', last = first] = range.split('..')
  return [{ first: BigInt(first), last: BigInt(last), step: BigInt(step) }]
}

const idsIn = ({ first, last, step }: Range): readonly bigint[] =>
  Array.from({ length: Number((last - first) / step) + 1 }, (_, index) => first + BigInt(index) * step)

const line = (ids: readonly bigint[], rest: string): string =>
  `  { ids: [${ids.map((id) => `0x${id.toString(16)}n`).join(', ')}], ${rest} },`

/** The text of `src/arm64/stream-register-table.generated.ts`. */
export const streamTable = (): string => {
  const rows = readTsv('stream_registers').map((row) => {
    const text = cell(row, 'ids')
    const ids = (text.startsWith('S') ? ofEncoding(text) : ofIds(text)).flatMap(idsIn)
    const checkedBy = cell(row, 'checked_by')
    const by = checkedBy === '-' ? '' : `, checkedBy: '${checkedBy}'`
    return line(ids, `name: '${cell(row, 'registers')}', class: '${cell(row, 'class')}'${by}`)
  })
  return `import type { StreamRegisters } from './stream-registers.ts'

/** The registers of a migration stream that are neither feature ID registers nor firmware registers. */
export const STREAM_REGISTERS: readonly StreamRegisters[] = [
${rows.join('\n')}
]
`
}
