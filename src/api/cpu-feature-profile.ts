import { z } from 'zod'
import { conditions } from './condition.ts'
import { finding, toleratedDifference } from './finding.ts'
import { hex64 } from './hex64.ts'
import type { ObjectMeta } from './object-meta.ts'
import { firmwareRegister, implementationId, untrapped } from './plan.ts'
import { vcpuFeaturePolicies } from './vcpu-feature-policy.ts'

const labelSelector = z
  .object({
    matchLabels: z.record(z.string(), z.string().max(63)).meta({ maxProperties: 16 }).optional(),
    matchExpressions: z
      .array(
        z.object({
          key: z.string().max(317),
          operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
          values: z.array(z.string().max(63)).max(64).optional(),
        }),
      )
      .max(16)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional(),
  })
  .describe('Selects nodes by label; {} selects every node that has a report.')

export type LabelSelector = z.infer<typeof labelSelector>

const exactlyOne = (...keys: string[]): Record<string, unknown> => ({
  'x-kubernetes-validations': [
    {
      rule: `[${keys.map((key) => `has(self.${key})`).join(', ')}].filter(x, x).size() == 1`,
      message: `exactly one of ${keys.join(', ')} must be set`,
    },
  ],
})

const base = z
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
        generation: z.int().min(1).default(1).describe('Raise it to have the baseline taken anew.'),
      })
      .optional()
      .describe('The greatest guest view common to these nodes.'),
    view: z
      .object({
        registers: z
          .record(z.string(), hex64)
          .meta({ maxProperties: 192 })
          .describe('Values by register name.'),
        firmwareRegisters: z.record(z.string(), hex64).meta({ maxProperties: 16 }).optional(),
        registerList: z.object({ exclude: z.array(hex64).max(1024) }).optional(),
        untrapped: untrapped.optional(),
      })
      .optional()
      .describe('A literal guest view, as `cpufeatures baseline -o yaml` prints it.'),
    architecture: z
      .object({ version: z.string().regex(/^v(8\.[0-9]|9\.[0-9])-A$/, 'must be v8.0-A to v9.x-A') })
      .optional()
      .describe("The architecture version's mandatory features and nothing more."),
    model: z
      .object({ name: z.string().max(63) })
      .optional()
      .describe('A CPU model of the shipped catalogue.'),
  })
  .describe('What the bits that nothing below names are; exactly one.')
  .meta(exactlyOne('host', 'nodes', 'view', 'architecture', 'model'))

export const cpuFeatureProfileSpec = z
  .object({
    base,
    features: z
      .array(
        z.object({
          name: z.string().min(1).max(64).describe("Arm's FEAT_ name, or Linux' HWCAP name."),
          state: z
            .enum(['Disabled', 'Required'])
            .describe('Disabled: guests see it absent. Required: hosts without it do not fit.'),
        }),
      )
      .max(128)
      .optional()
      .describe("Features by Arm's names, closed over their dependencies.")
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }),
    registers: z
      .array(
        z.object({
          register: z.string().min(1).max(64).describe("The register, by Arm's name."),
          field: z.string().min(1).max(64).describe('The field of the register.'),
          value: z
            .union([z.int().min(0).max(65535), hex64])
            .describe('What it must be: a number, or a 0x-string.')
            .meta({ 'x-kubernetes-int-or-string': true }),
        }),
      )
      .max(128)
      .optional()
      .describe('Single fields, for what has no FEAT_ name.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register', 'field'] }),
    vcpuFeatures: vcpuFeaturePolicies.optional(),
    implementation: z
      .object({
        midr: z
          .string()
          .regex(
            /^(FromBaseline|0x[0-9a-f]{1,8})$/,
            'must be FromBaseline or a 32-bit value such as 0x410fd490',
          )
          .meta({ maxLength: 12 })
          .describe("FromBaseline, or a MIDR_EL1 value; unset: the host's own."),
      })
      .optional()
      .describe(
        'The implementation ID guests see. They pick errata workarounds by it, so a foreign one is a decision. Needs Linux 6.15.',
      ),
    tolerate: z
      .object({
        inert: z
          .enum(['Accept', 'Refuse'])
          .optional()
          .describe(
            'Fields a guest without EL2 cannot act on. Default: Accept where the base is a full view, else Refuse.',
          ),
        features: z
          .array(z.string().max(64))
          .max(64)
          .optional()
          .describe('By FEAT_ name, what the guest could tell.'),
        surplus: z
          .enum(['Refuse', 'AcceptOneWay'])
          .default('Refuse')
          .describe('AcceptOneWay: moves to richer hosts, no way back.'),
      })
      .optional()
      .describe('What KVM cannot level and a migration shall live with.'),
    enforcement: z
      .enum(['Strict', 'BestEffort'])
      .default('Strict')
      .describe('Strict: a launch that cannot be made to fit fails. BestEffort: it goes on and is reported.'),
  })
  .describe("What a VM's CPU shall look like.")

/** The baseline a profile has taken, kept so that it changes only when the user says so. */
export const baseline = z
  .object({
    generation: z.int().describe('The base.nodes.generation it was taken for.'),
    registers: z.record(z.string(), hex64).meta({ maxProperties: 192 }).describe('The common guest view.'),
    implementation: implementationId.optional(),
    firmwareRegisters: z.array(firmwareRegister).max(16),
    registerList: z.object({ exclude: z.array(hex64).max(1024) }),
    untrapped,
    tolerated: z.array(toleratedDifference).max(256),
    classes: z.array(z.string().max(63)).max(256).describe('The host classes it was taken from.'),
    hiddenMidrs: z
      .array(hex64)
      .max(64)
      .describe('MIDR_EL1 of members whose own is hidden: guests will not know of their errata.'),
  })
  .describe('The baseline taken, and from what.')

const classStatus = z
  .object({
    class: z.string().max(63).describe('The host class.'),
    nodes: z.int().describe('How many nodes are of this class.'),
    sample: z.array(z.string().max(253)).max(3).describe('Some of them.'),
    midr: hex64.describe('MIDR_EL1 of its CPUs.'),
    kernel: z.string().max(128).describe('The kernel release of one of them.'),
    compatible: z.boolean().describe('Whether the current revision fits.'),
    findings: z.array(finding).max(8).describe('Why not; the first few.'),
    moreFindings: z.int().optional().describe('How many more there are.'),
  })
  .describe('What one host class makes of the current revision.')

const reachStatus = z
  .object({
    from: z.string().max(63),
    to: z.string().max(63),
    reach: z.enum(['BothWays', 'OneWay', 'Never']),
    findings: z.array(finding).max(4).describe('What decides.'),
  })
  .describe('Whether VMs of the current revision can move between two host classes.')

export const cpuFeatureProfileStatus = z
  .object({
    observedGeneration: z.int().optional(),
    conditions: conditions.optional(),
    currentRevision: z.string().max(63).optional().describe('The revision new pods are pinned to.'),
    baseline: baseline.optional(),
    nodes: z
      .object({
        total: z.int().describe('Nodes with a report.'),
        compatible: z.int().describe('Those the current revision fits.'),
        summary: z.string().max(32).describe('compatible/total, as kubectl shows it.'),
      })
      .optional()
      .describe('How many nodes fit.'),
    classes: z.array(classStatus).max(64).optional().describe('One entry for each host class; at most 64.'),
    reach: z
      .array(reachStatus)
      .max(64)
      .optional()
      .describe('Pairs of host classes that are not reached both ways; at most 64.'),
    notes: z
      .array(z.string().max(512))
      .max(32)
      .optional()
      .describe('What compiling did beyond what was asked, such as features disabled as dependents.'),
  })
  .describe('What became of the profile.')

export type CpuFeatureProfileSpec = z.infer<typeof cpuFeatureProfileSpec>
export type CpuFeatureProfileSpecInput = z.input<typeof cpuFeatureProfileSpec>
export type CpuFeatureProfileStatus = z.infer<typeof cpuFeatureProfileStatus>
export type Baseline = z.infer<typeof baseline>
export type ClassStatus = z.infer<typeof classStatus>
export type ReachStatus = z.infer<typeof reachStatus>

/** Condition types of a CpuFeatureProfile. */
export const PROFILE_CONDITIONS = {
  accepted: 'Accepted',
  compiled: 'Compiled',
  schedulable: 'Schedulable',
} as const

export interface CpuFeatureProfile {
  apiVersion: string
  kind: 'CpuFeatureProfile'
  metadata: ObjectMeta
  spec: CpuFeatureProfileSpec
  status?: CpuFeatureProfileStatus
}
