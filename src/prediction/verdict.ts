/**
 * Why KVM answers a write as it does. `FieldRule`: the field's safe-value rule; `Limit`: bits that must equal the limit;
 * `ReadsAsZero`: the register has nothing but zero; `WriteIgnored`: AArch32 registers of a host without AArch32;
 * `ImplementationId`, `CacheLevels` (CLIDR_EL1), `CacheType` (CTR_EL0), `DebugVersion`, `PmuVersion`, `ExceptionLevel`,
 * `TagChecks` (MTE_frac), `NestedVirtualization` (NV): KVM's own functions for these registers; `Unlisted`: the vCPU does not have the
 * register; `Trial`: a trial on this host had this result.
 */
export type PredictionRule =
  | 'FieldRule'
  | 'Limit'
  | 'ReadsAsZero'
  | 'WriteIgnored'
  | 'ImplementationId'
  | 'CacheLevels'
  | 'CacheType'
  | 'DebugVersion'
  | 'PmuVersion'
  | 'ExceptionLevel'
  | 'TagChecks'
  | 'NestedVirtualization'
  | 'Unlisted'
  | 'Trial'

/** A refused write: `field` is the highest field at fault, where one field is. */
export type Refusal = {
  readonly verdict: 'refused'
  readonly rule: PredictionRule
  readonly field?: string
  /** By name, as KVM_SET_ONE_REG returns it. */
  readonly errno: string
}

/**
 * What KVM_SET_ONE_REG does with a value: takes it, refuses it, or takes it and keeps `stored` instead. `unknown`: the host document does
 * not tell what decides.
 */
export type WriteVerdict =
  | { readonly verdict: 'accepted' }
  | Refusal
  | { readonly verdict: 'stored-as'; readonly stored: bigint; readonly rule: PredictionRule }
  | { readonly verdict: 'unknown' }
