import { HWCAP_TABLE } from './hwcap-table.generated.ts'

/** What /proc/cpuinfo shows of these FEAT_ names, in the order of Linux' bits. */
export const hwcapNamesOf = (features: readonly string[]): readonly string[] =>
  HWCAP_TABLE.filter((hwcap) => hwcap.features.some((feature) => features.includes(feature))).map(
    ({ cpuinfoName }) => cpuinfoName,
  )
