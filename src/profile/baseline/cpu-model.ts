/** A CPU model of the catalogue: what a plain vCPU of KVM shows on such a host, and where that was seen. Never changed once shipped. */
export type CpuModel = {
  /** With a version: `neoverse-n1-v1`. */
  readonly name: string
  readonly source: string
  /** ID registers by Arm's name; CLIDR_EL1 and CTR_EL0 are left to the host. */
  readonly registers: Readonly<Record<string, string>>
}
