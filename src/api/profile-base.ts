import * as z from 'zod'
import { hex64 } from './hex64.ts'
import { labelSelector } from './label-selector.ts'
import { sveVectorLengths, untrapped } from './plan.ts'

const exactlyOne = (...keys: string[]): Record<string, unknown> => ({
  'x-kubernetes-validations': [
    {
      rule: `[${keys.map((key) => `has(self.${key})`).join(', ')}].filter(x, x).size() == 1`,
      message: `exactly one of ${keys.join(', ')} must be set`,
    },
  ],
})

const generation = z
  .int()
  .min(1)
  .max(2147483647)
  .default(1)
  .describe('Raise it to have the baseline taken anew; it may not fall.')
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self >= oldSelf', message: 'may not fall; raise it to have the baseline taken anew' },
    ],
  })

/** What the unnamed bits are: `base` of a CpuFeatureProfile. */
export const profileBase = z
  .object({
    host: z.object({}).optional().describe('Whatever the node has; only what is named below is specified.'),
    nodes: z
      .object({
        selector: labelSelector.default({}),
        minNodes: z
          .int()
          .min(1)
          .max(5000)
          .default(1)
          .describe('Nodes that must have reported before a baseline is taken.'),
        onNewNode: z
          .enum(['Exclude', 'Lower'])
          .default('Exclude')
          .describe('What a node that cannot show the baseline does: stay out, or lower the baseline.'),
        generation,
      })
      .optional()
      .describe('The greatest guest view common to these nodes.'),
    view: z
      .object({
        registers: z
          .record(z.string(), hex64)
          .meta({ maxProperties: 192 })
          .describe("Values of ID registers, by Arm's name."),
        firmwareRegisters: z
          .record(z.string(), hex64)
          .meta({ maxProperties: 16 })
          .optional()
          .describe("Values of firmware registers, by the name in KVM's UAPI."),
        registerList: z
          .object({
            exclude: z.array(hex64).max(1024).describe('KVM register ids left out of KVM_GET_REG_LIST.'),
          })
          .optional()
          .describe('What is left out of the register list.'),
        untrapped: untrapped.optional(),
        sveVectorLengths: sveVectorLengths.optional(),
      })
      .optional()
      .describe('A literal guest view, as `cpufeatures baseline -o yaml` prints it.'),
    architecture: z
      .object({
        version: z
          .string()
          .regex(/^v(8\.[0-9]|9\.[0-9])-A$/, 'must be v8.0-A to v9.x-A')
          .max(6)
          .describe('The version, such as v8.4-A.'),
        generation,
      })
      .optional()
      .describe("The architecture version's mandatory features and nothing more."),
    model: z
      .object({ name: z.string().min(1).max(63).describe('The model, such as neoverse-n1-v1.') })
      .optional()
      .describe('A CPU model of the shipped catalogue.'),
  })
  .describe('What the bits that nothing below names are; exactly one.')
  .meta(exactlyOne('host', 'nodes', 'view', 'architecture', 'model'))
