import { cell, readTsv } from './read-tsv.ts'
import type { TsvRow } from './read-tsv.ts'

const line = (row: TsvRow): string =>
  `  { name: '${cell(row, 'register')}', kvmRegisterId: ${cell(row, 'kvm_reg_id')}n, rule: '${cell(row, 'rule')}', ` +
  `optional: ${String(cell(row, 'optional') === 'y')} },`

/** The text of `src/arm64/firmware-register-table.generated.ts`. */
export const firmwareTable = (): string =>
  `import type { FirmwareRegister } from './firmware-registers.ts'

/** All firmware registers KVM gives user space, by id. */
export const FIRMWARE_REGISTERS: readonly FirmwareRegister[] = [
${readTsv('firmware_registers').map(line).join('\n')}
]
`
