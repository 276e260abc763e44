import { z } from 'zod'
import { finding } from '../../api/finding.ts'
import { hex64 } from '../../api/hex64.ts'
import { LAUNCH_FAILURES } from './launch-record.ts'

/** What a recorder has gathered, as JSON. */
export const recorderState = z.object({
  registers: z.array(z.object({ register: z.string(), wanted: hex64, before: hex64, kept: hex64 })),
  refused: z.array(finding),
  calls: z.array(z.object({ call: z.string(), answer: z.string(), count: z.int() })),
  steps: z.array(z.object({ step: z.string(), count: z.int(), microseconds: z.number() })),
  process: z.object({ pid: z.int(), command: z.string() }),
  vms: z.int(),
  vcpus: z.int(),
  failure: z.enum(LAUNCH_FAILURES).optional(),
})

export type RecorderState = z.infer<typeof recorderState>
