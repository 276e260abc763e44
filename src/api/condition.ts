import * as z from 'zod'

/** metav1.Condition of KEP-1623. */
export const condition = z
  .object({
    type: z.string().min(1).max(316).describe('What the condition is about, in CamelCase.'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds.'),
    observedGeneration: z
      .int()
      .min(0)
      .optional()
      .describe('The metadata.generation from which this was computed.'),
    lastTransitionTime: z.iso.datetime().describe('When the status of the condition last changed.'),
    reason: z
      .string()
      .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/)
      .max(1024)
      .describe('Why, as one CamelCase word.'),
    message: z.string().max(32768).describe('Why, as a sentence that names the field and the remedy.'),
  })
  .describe('One aspect of the state of the object.')

export type Condition = z.infer<typeof condition>

export const conditions = z
  .array(condition)
  .max(16)
  .describe('The state of the object, one condition per aspect.')
  .meta({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  })
