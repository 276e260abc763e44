import * as z from 'zod'
import { hex64 } from '../../src/api/hex64-schema.ts'
import { plan } from '../../src/api/plan.ts'

/** The value as words of 64 bits; a narrower register has one. */
const register = z.object({ id: hex64, words: z.array(hex64) })

/** The registers of a levelled VM that ran, in the order of KVM's list. */
export const stream = z.array(register)

/** What a host is asked: to make the stream of a plan, or to take one. */
export const replayJob = z.object({
  plan,
  /** Whether a launch of this plan makes the implementation ID writable here. */
  implementationId: z.boolean(),
  stream: stream.optional(),
})

/** What came: the stream, or the first register that the destination refused; `wrong` if the VM could not be levelled at all. */
export const replayAnswer = z.union([
  z.object({ stream }),
  z.object({ taken: z.int() }),
  z.object({ refused: hex64, errno: z.string() }),
  z.object({ wrong: z.string() }),
])

export type Stream = z.infer<typeof stream>
export type ReplayJob = z.infer<typeof replayJob>
export type ReplayAnswer = z.infer<typeof replayAnswer>
