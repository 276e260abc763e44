import { FEATURE_TABLE } from './feature-table.generated.ts'
import { HWCAP_TABLE } from './hwcap-table.generated.ts'
import type { Feature, Hwcap } from './feature-row.ts'

/** Every FEAT_ name of the architecture, sorted. A feature without places shows in no ID register of a guest. */
export const FEATURES: readonly Feature[] = FEATURE_TABLE

const byName = new Map(FEATURES.map((feature) => [feature.name, feature]))

const hwcapByName = new Map<string, Hwcap>(
  HWCAP_TABLE.flatMap((hwcap) => [
    [hwcap.name, hwcap],
    [hwcap.cpuinfoName, hwcap],
  ]),
)

/** The feature of Arm's name (`FEAT_RNG`). */
export const featureByName = (name: string): Feature | undefined => byName.get(name)

/**
 * The features a user's name stands for: Arm's (`FEAT_DotProd`), or Linux's as in /proc/cpuinfo (`asimddp`) or the header
 * (`HWCAP_ASIMDDP`). Empty if the name is unknown; several if a HWCAP says that one of several features is there (`pacg`).
 */
export const featuresByName = (name: string): readonly Feature[] => {
  const names = byName.has(name) ? [name] : (hwcapByName.get(name)?.features ?? [])
  return names.map((one) => byName.get(one)).filter((feature) => feature !== undefined)
}
