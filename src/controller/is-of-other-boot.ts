/** Whether a node has booted since its agent probed, perhaps another kernel. An empty boot ID tells nothing. */
export const isOfOtherBoot = (bootOfNode: string | undefined, bootOfReport: string): boolean =>
  (bootOfNode ?? '') !== '' && bootOfReport !== '' && bootOfNode !== bootOfReport
