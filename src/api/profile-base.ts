import * as z from 'zod'
import { hex64 } from './hex64-schema.ts'
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
  .describe('Raise it to take the baseline again. It cannot fall.')
  .meta({
    'x-kubernetes-validations': [
      { rule: 'self >= oldSelf', message: 'must not fall; raise it to take the baseline again' },
    ],
  })

/** The source of all bits that the entries of a profile do not name: `base` of a CpuFeatureProfile. */
export const profileBase = z
  .object({
    host: z
      .object({})
      .optional()
      .describe('Guests see what the node has; only the entries below are specified.'),
    nodes: z
      .object({
        selector: labelSelector.default({}),
        minNodes: z
          .int()
          .min(1)
          .max(5000)
          .default(1)
          .describe('The number of nodes that must have reported before the controller takes a baseline.'),
        onNewNode: z
          .enum(['Exclude', 'Lower'])
          .default('Exclude')
          .describe(
            'What happens to a new node that cannot show the baseline: it stays out, or it lowers the baseline.',
          ),
        generation,
      })
      .optional()
      .describe('The greatest guest view that these nodes have in common.'),
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
            exclude: z.array(hex64).max(1024).describe('KVM register IDs left out of KVM_GET_REG_LIST.'),
          })
          .optional()
          .describe('The registers left out of the register list.'),
        untrapped: untrapped.optional(),
        sveVectorLengths: sveVectorLengths.optional(),
      })
      .optional()
      .describe('A literal guest view, as `cpufeatures baseline -o yaml` prints it.'),
    architecture: z
      .object({
        version: z
          .string()
          .regex(/^v[89]\.[0-9]-A$/, 'must be a version of Armv8-A or Armv9-A, such as v8.4-A')
          .meta({ maxLength: 6 })
          .describe('The version, such as v8.4-A.'),
        generation,
      })
      .optional()
      .describe('The mandatory features of an architecture version, and nothing more.'),
    model: z
      .object({ name: z.string().min(1).max(63).describe('The model, such as neoverse-n1-v1.') })
      .optional()
      .describe('A CPU model of the shipped catalogue.'),
  })
  .describe('The source of all bits that no entry of the profile names. Exactly one must be set.')
  .meta(exactlyOne('host', 'nodes', 'view', 'architecture', 'model'))
