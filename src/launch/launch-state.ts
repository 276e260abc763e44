import * as z from 'zod'
import { recorderState } from './record/recorder-state.ts'

/** What is known of one process under supervision. */
export const processState = z.object({
  pid: z.int(),
  creators: z.array(z.int()),
  /** Nothing from a supervisor of a version before it. */
  otherCreators: z.array(z.int()).default([]),
  levelledVms: z.array(z.tuple([z.int(), z.array(z.int())])).default([]),
  levelledVcpus: z.array(z.int()),
  hasUnlevelledVm: z.boolean(),
  /** The number that the listener's duplicate has in it. */
  listenerFd: z.int().optional(),
  /** By vCPU fd: which of `registerLists` its VM is given. */
  registerLists: z.array(z.tuple([z.int(), z.int()])),
})

/**
 * All that a supervisor knows of its launch, for the one that takes over where it is killed. Saved before what it says can be seen
 * by the VMM.
 */
export const launchState = z.object({
  processes: z.array(processState),
  /** KVM register ids with commas between; vCPUs mostly share one list. */
  registerLists: z.array(z.string().regex(/^(\d+(,\d+)*)?$/)),
  recorder: recorderState,
})

export type ProcessState = z.infer<typeof processState>
export type LaunchState = z.infer<typeof launchState>
