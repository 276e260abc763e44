import { conditionText } from './condition-text.ts'
import { HWCAP_TABLE } from './hwcap-table.generated.ts'

/** What /proc/cpuinfo shows of these FEAT_ names, in the order of Linux' bits. */
export const hwcapNamesOf = (features: readonly string[]): readonly string[] =>
  HWCAP_TABLE.filter((hwcap) => hwcap.features.some((feature) => features.includes(feature))).map(
    ({ cpuinfoName }) => cpuinfoName,
  )

/**
 * What a HWCAP without a FEAT_ name means, in a sentence; undefined for every other name. `name` is spelled as in /proc/cpuinfo or in
 * the header, in any case.
 */
export const hwcapWithoutFeature = (name: string): string | undefined => {
  const plain = name
    .toLowerCase()
    .replace(/^hwcap[23]?_/, '')
    .replaceAll('_', '')
  const hwcap = HWCAP_TABLE.find((one) => one.cpuinfoName === plain)
  if (hwcap === undefined || hwcap.features.length > 0) return undefined
  const { cpuinfoName, condition, ofKernel } = hwcap
  return condition === undefined
    ? `${cpuinfoName} is a HWCAP that no ID register shows: it means that ${ofKernel ?? 'the kernel has it'}`
    : `${cpuinfoName} is a HWCAP without a FEAT_ name: it means that ${conditionText(condition)}; a profile can specify these fields`
}
