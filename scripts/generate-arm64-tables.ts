import { featureSpellingTable } from './arm64-tables/feature-spelling-table.ts'
import { cpuPartTable } from './arm64-tables/cpu-part-table.ts'
import { featureTable } from './arm64-tables/feature-table.ts'
import { fieldFactTable, inertFieldTable } from './arm64-tables/field-fact-tables.ts'
import { firmwareTable } from './arm64-tables/firmware-table.ts'
import { hiddenFieldTable } from './arm64-tables/hidden-field-table.ts'
import { hwcapTable } from './arm64-tables/hwcap-table.ts'
import { registerTable } from './arm64-tables/register-table.ts'
import { streamTable } from './arm64-tables/stream-table.ts'
import { kvmNumbers, vcpuFeatureDescriptions, vcpuFeatureTable } from './arm64-tables/vcpu-feature-tables.ts'

const BANNER =
  '// Made by scripts/generate-arm64-tables.ts from facts/; change those and run `npm run generate`.\n'

/** A generated file: its path from the root of the project and its whole text. */
export type GeneratedFile = { readonly path: string; readonly text: string }

/** What is made from the tables in `facts/`. Writes nothing: `scripts/generate.ts` writes or compares. */
export const generateArm64Tables = (): GeneratedFile[] => [
  { path: 'src/arm64/register-table.generated.ts', text: BANNER + registerTable() },
  { path: 'src/arm64/field-fact-table.generated.ts', text: BANNER + fieldFactTable() },
  { path: 'src/arm64/inert-field-table.generated.ts', text: BANNER + inertFieldTable() },
  { path: 'src/arm64/firmware-register-table.generated.ts', text: BANNER + firmwareTable() },
  { path: 'src/arm64/stream-register-table.generated.ts', text: BANNER + streamTable() },
  { path: 'src/arm64/feature-table.generated.ts', text: BANNER + featureTable() },
  { path: 'src/arm64/feature-spelling-table.generated.ts', text: BANNER + featureSpellingTable() },
  { path: 'src/arm64/cpu-part-table.generated.ts', text: BANNER + cpuPartTable() },
  { path: 'src/arm64/hidden-field-table.generated.ts', text: BANNER + hiddenFieldTable() },
  { path: 'src/arm64/hwcap-table.generated.ts', text: BANNER + hwcapTable() },
  { path: 'src/arm64/vcpu-feature-table.generated.ts', text: BANNER + vcpuFeatureTable() },
  { path: 'src/api/vcpu-feature-descriptions.generated.ts', text: BANNER + vcpuFeatureDescriptions() },
  { path: 'src/linux/abi/kvm-numbers.generated.ts', text: BANNER + kvmNumbers() },
]
