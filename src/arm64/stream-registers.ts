import { FIRMWARE_REGISTERS } from './firmware-register-table.generated.ts'
import { FEATURE_ID_REGISTERS } from './register.ts'
import { STREAM_REGISTERS } from './stream-register-table.generated.ts'

/**
 * What a register of KVM_GET_REG_LIST is to a migration. `view`: it is of the guest view, which a plan levels. `free`: state, of which
 * KVM takes any value. `checked`: KVM compares it with the host and refuses what does not fit. `host`: a reset takes it from the host,
 * and KVM takes any value.
 */
export type StreamClass = 'view' | 'free' | 'checked' | 'host'

/**
 * What decides whether KVM takes a checked register. `constant`: it is the same on all hosts. `pmu`: it has no effect on counters that
 * the host does not have.
 */
export type StreamCheck = 'firmware' | 'cache-lines' | 'sve-lengths' | 'pmu' | 'constant'

export type StreamRegisters = {
  readonly ids: readonly bigint[]
  readonly name: string
  readonly class: Exclude<StreamClass, 'view'>
  readonly checkedBy?: StreamCheck
}

/** The ids of CCSIDR_EL1, by the value of CSSELR_EL1 from 0 on: odd ones are of instruction caches. */
export const CACHE_GEOMETRY_IDS: readonly bigint[] = STREAM_REGISTERS.filter(
  ({ checkedBy }) => checkedBy === 'cache-lines',
).flatMap(({ ids }) => ids)

/** The id of PMMIR_EL1: newer kernels take 0 or the host's own slots. */
export const SLOTS_ID = 0x6030_0000_0013_c4f6n

const names = new Map<bigint, string>()

/** What the tables of facts call a register of KVM_GET_REG_LIST; undefined for one that none of them names. */
export const streamRegisterName = (id: bigint): string | undefined => {
  if (names.size === 0) {
    for (const one of STREAM_REGISTERS) for (const of of one.ids) names.set(of, one.name)
    for (const { kvmRegisterId, name } of [...FEATURE_ID_REGISTERS, ...FIRMWARE_REGISTERS])
      names.set(kvmRegisterId, name)
  }
  return names.get(id)
}

const classes = new Map<bigint, StreamClass>()

const learn = (): void => {
  for (const { kvmRegisterId } of FEATURE_ID_REGISTERS) classes.set(kvmRegisterId, 'view')
  for (const { kvmRegisterId } of FIRMWARE_REGISTERS) classes.set(kvmRegisterId, 'checked')
  for (const one of STREAM_REGISTERS) for (const id of one.ids) classes.set(id, one.class)
}

/** The class of a KVM register id; undefined for one that no table of facts names, of which nobody knows what KVM does with it. */
export const streamClassOf = (id: bigint): StreamClass | undefined => {
  if (classes.size === 0) learn()
  return classes.get(id)
}
