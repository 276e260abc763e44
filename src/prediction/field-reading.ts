import { fieldName, type FieldRef } from '../arm64/field-ref.ts'
import { coversField, fieldsMask } from '../arm64/field.ts'
import { fieldNamed } from '../arm64/register.ts'
import type { Field } from '../arm64/field.ts'
import type { PredictionHost } from './prediction-host.ts'

const markerOf = (register: string, name: string): FieldRef => {
  const field = fieldNamed(register, name)
  if (field === undefined) throw new Error(`no field ${fieldName({ register, field: name })}`)
  return { register, field }
}

const RAS = markerOf('ID_AA64PFR0_EL1', 'RAS')
const GCIE = markerOf('ID_AA64PFR2_EL1', 'GCIE')

const maskHas = (host: PredictionHost, { register, field }: FieldRef): boolean =>
  coversField(host.masks.get(register) ?? 0n, field)

const L1IP = markerOf('CTR_EL0', 'L1Ip')

/** The bits of a register's mask by which rules tell kernels apart. */
export const kernelMarkers = (name: string): bigint =>
  fieldsMask([RAS, GCIE, L1IP].filter(({ register }) => register === name).map(({ field }) => field))

const PMU_FIELDS = new Set(['PMUVer', 'PerfMon'])

/** Whether this host's mask has PFR0.RAS. A kernel between 6.12 and 6.18 got the bit together with other changes. */
export const isRasWritable = (host: PredictionHost): boolean => maskHas(host, RAS)

/**
 * The field as this host's kernel reads it. The version of the PMU is unsigned on 6.12, whose masks lack PFR0.RAS, and again on 7.3,
 * whose masks also have PFR2.GCIE. Between them it is signed, so 8..14 count as lower than any version (seen on 6.18.15).
 */
export const asHostReads = (host: PredictionHost, field: Field): Field =>
  PMU_FIELDS.has(field.name) && isRasWritable(host) && !maskHas(host, GCIE)
    ? { ...field, signed: true }
    : field
