import type { Condition } from './condition.ts'

/**
 * One place where a feature shows: `holds` must hold wherever `when` does, and always if there is no `when`. A `twin` is its AArch32
 * side. It is kept in step but decides nothing, because KVM shows some twins as zero (ID_PFR0.RAS, ID_ISAR5.VCMA) on hosts that have both.
 */
export type FeaturePlace = { readonly when?: Condition; readonly holds: Condition; readonly twin?: true }

/** A FEAT_ name of the architecture. Without places it has no ID register that KVM gives a guest. */
export type Feature = {
  readonly name: string
  readonly places: readonly FeaturePlace[]
  /** The first architecture version that may have it, as Arm's tables spell it (`v8Ap2` is Armv8.2-A). */
  readonly from?: string
  /** The first version that must have it. */
  readonly mandatoryFrom?: string
}

/** What the architecture says of features: where `given` holds, `needs` must. */
export type FeatureConstraint = {
  readonly given: Condition
  readonly needs: Condition
  /** Why it cannot be judged from a guest view; undefined if it can. */
  readonly notApplied?: 'architecture version' | 'no ID register'
}

/** A HWCAP of Linux: what /proc/cpuinfo calls it, what it is, and the features it stands for. */
export type Hwcap = {
  readonly name: string
  readonly cpuinfoName: string
  /** Absent for a HWCAP that no register shows (evtstrm, cpuid). */
  readonly condition?: Condition
  /** What such a HWCAP says about the kernel, as a clause. */
  readonly ofKernel?: string
  readonly features: readonly string[]
}
