import * as z from 'zod'
import { conditions } from './condition.ts'
import { finding, planFindingSchema, toleratedDifference } from './finding.ts'
import { hex64 } from './hex64-schema.ts'
import type { ObjectMeta } from './object-meta.ts'
import { firmwareRegister, implementationId, sveVectorLengths, untrapped } from './plan.ts'
import { profileBase } from './profile-base.ts'
import { vcpuFeaturePolicies } from './vcpu-feature-policy.ts'

export type { LabelSelector } from './label-selector.ts'

/** A name from Arm, Linux, a compiler or KVM. Only the engine knows whether it exists, and says so in the condition Accepted. */
const name = z
  .string()
  .regex(/^\+?[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'must be a name of letters, digits, _, . and -')
  .max(64)

export const cpuFeatureProfileSpec = z
  .object({
    base: profileBase,
    features: z
      .array(
        z.object({
          name: name.describe("Arm's FEAT_ name, such as FEAT_RNG, or Linux's HWCAP name, such as rng."),
          state: z
            .enum(['Disabled', 'Required'])
            .describe('Disabled: guests see the feature as absent. Required: hosts without it do not fit.'),
        }),
      )
      .max(128)
      .optional()
      .describe(
        "Features by Arm's names. Compiling adds the features that they depend on, or that depend on them.",
      )
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }),
    registers: z
      .array(
        z.object({
          register: name.describe("The register, by Arm's name, such as ID_AA64MMFR0_EL1."),
          field: name.describe("The field of the register, by Arm's name, such as PARANGE."),
          value: z
            .union([z.int().min(0).max(65535), hex64])
            .describe('The value that the field must have: a number or a 0x-string.')
            .meta({ 'x-kubernetes-int-or-string': true }),
        }),
      )
      .max(128)
      .optional()
      .describe('Single fields, for values without a FEAT_ name.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register', 'field'] }),
    vcpuFeatures: vcpuFeaturePolicies.optional(),
    implementation: z
      .object({
        midr: z
          .string()
          .regex(
            /^(FromBaseline|0x[0-9a-f]{8})$/,
            'must be FromBaseline or a MIDR_EL1 value of 8 hexadecimal digits, such as 0x410fd490',
          )
          .meta({ maxLength: 12 })
          .describe("FromBaseline or a MIDR_EL1 value. If unset, guests see the host's own."),
      })
      .optional()
      .describe(
        'The implementation ID that guests see. They choose errata workarounds by it, so showing another one is your decision. ' +
          'Needs Linux 6.15.',
      ),
    tolerate: z
      .object({
        inert: z
          .enum(['Accept', 'Refuse'])
          .optional()
          .describe(
            'Fields that a guest without EL2 cannot act on. Default: Accept if the base is a full view, otherwise Refuse.',
          ),
        features: z
          .array(name)
          .max(64)
          .optional()
          .describe('FEAT_ names of differences that guests can see and that you accept.')
          .meta({ 'x-kubernetes-list-type': 'set' }),
        surplus: z
          .enum(['Refuse', 'AcceptOneWay'])
          .default('Refuse')
          .describe('AcceptOneWay: VMs may move to hosts that show more, but not back.'),
      })
      .optional()
      .describe('Differences that KVM cannot level and that you accept in a migration.'),
    enforcement: z
      .enum(['Strict', 'BestEffort'])
      .default('Strict')
      .describe(
        'Strict: a launch that cannot show the plan fails. BestEffort: it continues, and the record reports the rest.',
      ),
  })
  .describe('The CPU that a VM sees.')

/** The most host classes that a baseline lists. */
export const MOST_CLASSES = 256
/** The most hidden MIDR_EL1 values that a baseline lists. */
export const MOST_HIDDEN_MIDRS = 64

/** The baseline of a profile, kept so that it changes only when the user asks for that. */
export const baseline = z
  .object({
    generation: z.int().describe('The generation of the base for which it was taken.'),
    architecture: z
      .string()
      .max(6)
      .optional()
      .describe('The version of base architecture for which it was taken; absent for base nodes.'),
    registers: z.record(z.string(), hex64).meta({ maxProperties: 192 }).describe('The common guest view.'),
    implementation: implementationId.optional(),
    firmwareRegisters: z
      .array(firmwareRegister)
      .max(16)
      .describe('The common firmware registers.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register'] }),
    registerList: z
      .object({
        exclude: z.array(hex64).max(1024).describe('KVM register IDs that not every member lists.'),
      })
      .describe('The registers left out of the register list.'),
    untrapped,
    sveVectorLengths: sveVectorLengths
      .optional()
      .describe('The vector lengths that every member can give, in bits.'),
    tolerated: z.array(toleratedDifference).max(256).describe('Fields in which members still differ.'),
    classes: z
      .array(z.string().max(63))
      .max(MOST_CLASSES)
      .describe(
        'The host classes from which it was taken. If there are more, those that have no node now are left out first.',
      ),
    hiddenMidrs: z
      .array(hex64)
      .max(MOST_HIDDEN_MIDRS)
      .describe(
        'Each MIDR_EL1 of a member that guests do not see. Guests do not know the errata of these CPUs.',
      ),
  })
  .describe('The kept baseline, and where it comes from.')

const classStatus = z
  .object({
    class: z.string().max(63).describe('The host class.'),
    nodes: z.int().describe('The number of nodes in this class.'),
    sample: z.array(z.string().max(253)).max(3).describe('The names of some of them.'),
    midr: hex64.describe('The MIDR_EL1 of its CPUs.'),
    kernel: z.string().max(128).describe('The kernel release of one of them.'),
    compatible: z.boolean().describe('Whether the current revision fits this class.'),
    findings: z.array(planFindingSchema).max(8).describe('The first few reasons why it does not fit.'),
    moreFindings: z.int().optional().describe('The number of further findings.'),
  })
  .describe('The verdict on one host class under the current revision.')

const reachStatus = z
  .object({
    from: z.string().max(63).describe('The host class on which a VM runs.'),
    to: z.string().max(63).describe('The host class to which it would move.'),
    reach: z
      .enum(['BothWays', 'OneWay', 'Never', 'Unknown'])
      .describe(
        'OneWay: the destination has a surplus, so VMs cannot move back. Unknown: a report lacks a fact that decides.',
      ),
    findings: z
      .array(finding)
      .max(4)
      .describe('What decides: what the two show, or why the destination does not fit the revision.'),
  })
  .describe('Whether VMs of the current revision can move between two host classes.')

export const cpuFeatureProfileStatus = z
  .object({
    observedGeneration: z.int().optional().describe('The metadata.generation that this status describes.'),
    conditions: conditions.optional(),
    currentRevision: z.string().max(63).optional().describe('The revision to which new pods are pinned.'),
    baseline: baseline.optional(),
    waitingSince: z.iso
      .datetime()
      .optional()
      .describe('Since when base nodes waits for reports. Absent once the baseline is taken.'),
    nodes: z
      .object({
        total: z.int().describe('The number of nodes with a report.'),
        compatible: z.int().describe('The number of nodes that the current revision fits.'),
        summary: z.string().max(32).describe('compatible/total, for kubectl.'),
      })
      .optional()
      .describe('How many nodes the current revision fits.'),
    strandedVms: z
      .object({
        count: z.int().describe('The number of these pods.'),
        sample: z
          .array(
            z
              .object({
                namespace: z.string().max(63).describe('The namespace of the pod.'),
                name: z.string().max(253).describe('The name of the pod.'),
                node: z.string().max(253).describe('The node to which it is bound.'),
              })
              .describe('A pod whose VM cannot move.'),
          )
          .max(8)
          .describe('Some of them, by name.'),
      })
      .optional()
      .describe(
        'Pods that are bound to a node, and whose VM no other node can take: their revision fits no other node in reach.',
      ),
    classes: z.array(classStatus).max(64).optional().describe('One entry per host class; at most 64.'),
    reach: z
      .array(reachStatus)
      .max(64)
      .optional()
      .describe('Pairs of host classes between which VMs cannot move both ways; at most 64.'),
    notes: z
      .array(z.string().max(512))
      .max(32)
      .optional()
      .describe(
        'What compiling did beyond the entries of the profile, such as disabling dependent features.',
      ),
  })
  .describe('The result of compiling the profile.')

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
  // Those of kstatus, for tools that know nothing of the others.
  ready: 'Ready',
  reconciling: 'Reconciling',
  stalled: 'Stalled',
} as const

export type CpuFeatureProfile = {
  apiVersion: string
  kind: 'CpuFeatureProfile'
  metadata: ObjectMeta
  spec: CpuFeatureProfileSpec
  status?: CpuFeatureProfileStatus
}
