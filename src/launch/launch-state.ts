import * as z from 'zod'
import { recorderState } from './record/recorder-state.ts'

/** What is known of a VM, and no mark holds. */
export const vmState = z.object({
  label: z.int(),
  features: z.array(z.int()).optional(),
  /** Which of `registerLists` its VMM is given. */
  list: z.int().optional(),
})

/** What is known of one process under supervision. */
export const processState = z.object({
  pid: z.int(),
  /** Threads that have made a VM. */
  creators: z.array(z.int()),
  /** A KVM_ARM_VCPU_INIT was served in it. A supervisor of a version that did not say so served some. */
  hasVcpus: z.boolean().default(true),
  /** A vCPU of it may run that cannot be seen, nor what was done to it: of an earlier version no mark says it. */
  isOutOfSight: z.boolean().default(true),
  /** The VMs of its memory. */
  vms: z.array(vmState).default([]),
  /** The number that the listener's duplicate has in it. */
  listenerFd: z.int().optional(),
  /** A VM of it that has run is there yet, and in no file table. */
  hidesVm: z.literal(true).optional(),
})

/**
 * All that a supervisor knows of its launch and the marks of its vCPUs do not say, for the one that takes over where it is killed. Saved
 * before what it says can be seen by the VMM.
 */
export const launchState = z.object({
  processes: z.array(processState),
  /** KVM register ids with commas between; VMs mostly share one list. */
  registerLists: z.array(z.string().regex(/^(\d+(,\d+)*)?$/)),
  recorder: recorderState,
})

export type ProcessState = z.infer<typeof processState>
export type VmState = z.infer<typeof vmState>
export type LaunchState = z.infer<typeof launchState>
