import type { VcpuState } from './vcpu-state.ts'

/** The vCPU that a call names, as it can be seen from outside. */
export type CalledVcpu =
  /** The call names none: another file, none at all, or it is on no vCPU. */
  | { readonly kind: 'none' }
  /** It could not be looked at: an fd table that this kernel does not let us look into, or no right to. */
  | { readonly kind: 'unresolvable' }
  | {
      readonly kind: 'vcpu'
      readonly state: VcpuState
      /** Where a VM may have run: what the other vCPUs of its VM say, some is levelled, else some is not, else nothing. */
      readonly vm: 'none' | 'levelled' | 'unlevelled'
      /** The label of its VM; 0 where it has none. */
      readonly label: number
    }

/** What is known of a call that waits: of its vCPU, of the process's other vCPUs, and of this host. */
export type CallSituation = {
  readonly vcpu: CalledVcpu
  /** A vCPU of its memory may have entered the guest, and may be there yet: none of its threads is put at risk. Errs towards yes. */
  readonly mayHaveRun: boolean
  /** The features that the vCPU's VM was INITed with; undefined: not known. */
  readonly features: readonly number[] | undefined
  /** The register list of the vCPU's VM, without what is excluded; undefined: none was kept. */
  readonly registerList: readonly bigint[] | undefined
  /** A label that no VM of the launch has. */
  readonly freshLabel: number
  readonly host: LaunchHost
}

/** What of this host decides something. */
export type LaunchHost = {
  /** What it answers for KVM_CAP_ARM_VM_IPA_SIZE; 0 if it could not be asked. */
  readonly ipaBits: number
  /** KVM keeps CLIDR_EL1 as it was written over a reset: Linux 6.10. */
  readonly keepsClidr: boolean
}
