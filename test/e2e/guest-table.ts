import type { GuestReport } from './guest-report.ts'

/** One column of the comparison: a guest and what to call it. */
export type GuestColumn = {
  title: string
  report: GuestReport
}

const hex = (value: bigint | undefined): string =>
  value === undefined ? '-' : `0x${value.toString(16).padStart(16, '0')}`

const row = (name: string, cells: string[], equal: boolean): string =>
  `  ${name.padEnd(20)}${cells.map((cell) => cell.padEnd(20)).join('')}${equal ? '' : '  differ'}`

/**
 * Bits the guest reads from the CPU itself and no plan can level: CTR_EL0.TminLine, the granule of allocation tags, which
 * means something with MTE only (Arm ARM D24.2.35); KVM's own value of CTR_EL0 has it 0 and traps no read.
 */
const UNTRAPPED: ReadonlyMap<string, bigint> = new Map([['CTR_EL0', 0x3fn << 32n]])

const levelled = (name: string, value: bigint | undefined): bigint | undefined =>
  value === undefined ? undefined : value & ~(UNTRAPPED.get(name) ?? 0n)

/** The names of the registers that not all guests see alike, and `features` if cpuinfo differs. */
export const differences = (guests: readonly GuestReport[]): string[] => {
  const names = [...new Set(guests.flatMap((guest) => [...guest.registers.keys()]))].sort()
  const differing = names.filter(
    (name) => new Set(guests.map((guest) => levelled(name, guest.registers.get(name)))).size > 1,
  )
  const features = new Set(guests.map((guest) => guest.features.join(' ')))
  return features.size > 1 ? ['features', ...differing] : differing
}

/** A table of what guests saw, register by register, and the cpuinfo features that not all of them have. */
export const guestTable = (columns: readonly GuestColumn[]): string => {
  const reports = columns.map((column) => column.report)
  const names = [...new Set(reports.flatMap((report) => [...report.registers.keys()]))].sort()
  const lines = [
    row(
      '',
      columns.map((column) => column.title),
      true,
    ),
  ]
  for (const name of names) {
    const values = reports.map((report) => report.registers.get(name))
    const equal = new Set(values.map((value) => levelled(name, value))).size === 1
    lines.push(row(name, values.map(hex), equal))
    if (equal && new Set(values).size > 1)
      lines.push('    bits 37:32, TminLine: read untrapped, of no meaning without MTE')
  }
  const all = [...new Set(reports.flatMap((report) => report.features))].sort()
  for (const feature of all) {
    const has = reports.map((report) => report.features.includes(feature))
    if (new Set(has).size > 1)
      lines.push(
        row(
          `cpuinfo ${feature}`,
          has.map((one) => (one ? 'yes' : '-')),
          false,
        ),
      )
  }
  const common = all.filter((feature) => reports.every((report) => report.features.includes(feature)))
  lines.push(`  cpuinfo, all: ${common.join(' ')}`)
  return lines.join('\n')
}
