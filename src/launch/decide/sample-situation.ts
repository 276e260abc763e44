import type { ProcessSituation } from './on-notification.ts'

/** A process of which nothing is known yet, for tests. */
export const FRESH_PROCESS: ProcessSituation = {
  mayHaveRun: false,
  hasUnlevelledVm: false,
  isLevelledVcpu: false,
  hasLevelledVmsOnly: false,
  registerList: undefined,
  askedForSve: false,
  hostIpaBits: 48,
}
