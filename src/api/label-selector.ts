import * as z from 'zod'

/** metav1.LabelSelector, bounded. */
export const labelSelector = z
  .object({
    matchLabels: z
      .record(z.string(), z.string().max(63))
      .meta({ maxProperties: 16 })
      .optional()
      .describe('Labels that a node must have, with these values.'),
    matchExpressions: z
      .array(
        z
          .object({
            key: z.string().min(1).max(317).describe('The label.'),
            operator: z
              .enum(['In', 'NotIn', 'Exists', 'DoesNotExist'])
              .describe('How the label of the node relates to the values.'),
            values: z
              .array(z.string().max(63))
              .max(64)
              .optional()
              .describe('At least one value for In and NotIn, none for the others.'),
          })
          .meta({
            'x-kubernetes-validations': [
              {
                rule: "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
                message: 'In and NotIn need values; the other operators take none',
                fieldPath: '.values',
              },
            ],
          }),
      )
      .max(16)
      .optional()
      .describe('Requirements that a node must meet, all of them.'),
  })
  .describe('Selects nodes by label; {} selects every node that has a report.')

export type LabelSelector = z.infer<typeof labelSelector>
