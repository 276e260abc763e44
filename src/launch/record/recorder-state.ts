import * as z from 'zod'
import { launchRefusal } from '../../api/finding.ts'
import { LAUNCH_FAILURES } from './launch-record.ts'

/** What a recorder has gathered, as JSON. */
export const recorderState = z.object({
  /** Each `NAME WANTED BEFORE KEPT`, the values decimal: made once per write, because it is saved again with every call. */
  registers: z.array(z.string().regex(/^\S+( \d+){3}$/)),
  /** The same of VMs to which other values were written. */
  variants: z.array(z.array(z.string().regex(/^\S+( \d+){3}$/))).default([]),
  refused: z.array(launchRefusal),
  findingsLeftOut: z.int().optional(),
  calls: z.array(z.object({ call: z.string(), answer: z.string(), count: z.int() })),
  steps: z.array(z.object({ step: z.string(), count: z.int(), microseconds: z.number() })),
  process: z.object({ pid: z.int(), command: z.string() }),
  /** Whether the VMM was told something else than KVM says. */
  answered: z.boolean().default(false),
  vms: z.int(),
  vcpus: z.int(),
  failure: z.enum(LAUNCH_FAILURES).optional(),
})

export type RecorderState = z.infer<typeof recorderState>
