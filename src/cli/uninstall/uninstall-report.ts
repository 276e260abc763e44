import type { NeedingPod } from './needing-pod.ts'

/** How an uninstallation ended. */
export type UninstallOutcome =
  /** There is nothing of cpufeatures in the cluster. */
  | 'not-installed'
  /** Pods need it: nothing was changed, but break-glass may be on now if a part of cpufeatures was missing. */
  | 'refused'
  /** Everything is gone. Pods that came on the way may still need it. */
  | 'removed'
  /** Everything is gone but what the remaining pods need. */
  | 'holder-stays'
  /** It stopped on its way; running it again continues. */
  | 'stopped'

/** What an uninstallation did, or would do if it is a dry run. */
export type UninstallReport = {
  readonly outcome: UninstallOutcome
  readonly dryRun: boolean
  /** Where cpufeatures is installed. */
  readonly namespaces: readonly string[]
  /** Whether break-glass was on when it ended, so that new VM pods start without their profile. */
  readonly breakGlass: boolean
  /** The pods that need it. */
  readonly pods: readonly NeedingPod[]
  /** `Kind namespace/name` of what was removed, and `labels of Node name`; of a dry run, of what would be. */
  readonly removed: readonly string[]
  /** What is left, each with the reason. */
  readonly stays: readonly string[]
  /** Why it stopped. */
  readonly why?: string
}
