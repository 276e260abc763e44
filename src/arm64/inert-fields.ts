import type { VcpuFeature } from '../api/vcpu-feature.ts'
import type { FieldRef } from './field-ref.ts'
import { INERT_FIELDS } from './inert-field-table.generated.ts'

/** A field that only guests with a certain vCPU feature can act on (EL2, or memory tags), with the reason and its source. */
export type InertField = {
  readonly register: string
  /** As Linux spells it. */
  readonly field: string
  /** The vCPU feature that makes it act: it is inert for VMs without that feature. */
  readonly actsWith: VcpuFeature
  /** The raw values (0..2^width-1) whose differences the guest cannot act on; absent if that holds for all values. */
  readonly alike?: readonly number[]
  readonly reason: string
  /** The source of the reason. */
  readonly source: string
}

/** The entry of a field that no guest with these vCPU features can act on, at least for some pair of values. */
export const inertField = (
  { register, field }: FieldRef,
  vcpuFeatures: readonly VcpuFeature[] = [],
): InertField | undefined =>
  INERT_FIELDS.find(
    (entry) =>
      entry.register === register && entry.field === field.name && !vcpuFeatures.includes(entry.actsWith),
  )

const areAlike = ({ alike }: InertField, [a, b]: readonly [a: number, b: number]): boolean =>
  a === b || alike === undefined || (alike.includes(a) && alike.includes(b))

/**
 * The entry of a field that is inert for this pair of raw values in a VM with these vCPU features; undefined if a guest could
 * act on the difference.
 */
export const inertDifference = (
  ref: FieldRef,
  pair: readonly [a: number, b: number],
  vcpuFeatures: readonly VcpuFeature[] = [],
): InertField | undefined => {
  const entry = inertField(ref, vcpuFeatures)
  return entry !== undefined && areAlike(entry, pair) ? entry : undefined
}
