import * as z from 'zod'
import { conditions } from './condition.ts'
import { finding, planFinding, toleratedDifference } from './finding.ts'
import { hex64 } from './hex64.ts'
import type { ObjectMeta } from './object-meta.ts'
import { firmwareRegister, implementationId, sveVectorLengths, untrapped } from './plan.ts'
import { profileBase } from './profile-base.ts'
import { vcpuFeaturePolicies } from './vcpu-feature-policy.ts'

export type { LabelSelector } from './label-selector.ts'

/** A name of Arm's, Linux's, a compiler's or KVM's. Whether it is known is for the engine to say: condition Accepted. */
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
          name: name.describe("Arm's FEAT_ name, such as FEAT_RNG, or Linux' HWCAP name, such as rng."),
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
          register: name.describe("The register, by Arm's name, such as ID_AA64MMFR0_EL1."),
          field: name.describe("The field of the register, by Arm's name, such as PARANGE."),
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
          .array(name)
          .max(64)
          .optional()
          .describe('By FEAT_ name, what the guest can tell and its owner says it may.')
          .meta({ 'x-kubernetes-list-type': 'set' }),
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
    generation: z.int().describe('The generation of the base it was taken for.'),
    architecture: z
      .string()
      .max(6)
      .optional()
      .describe('The version of base architecture it was taken for; absent for base nodes.'),
    registers: z.record(z.string(), hex64).meta({ maxProperties: 192 }).describe('The common guest view.'),
    implementation: implementationId.optional(),
    firmwareRegisters: z
      .array(firmwareRegister)
      .max(16)
      .describe('The common firmware registers.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register'] }),
    registerList: z
      .object({
        exclude: z.array(hex64).max(1024).describe('KVM register ids that not every member lists.'),
      })
      .describe('What is left out of the register list.'),
    untrapped,
    sveVectorLengths: sveVectorLengths.optional().describe('Those that every member can give, in bits.'),
    tolerated: z.array(toleratedDifference).max(256).describe('Fields in which members still differ.'),
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
    findings: z.array(planFinding).max(8).describe('Why not; the first few.'),
    moreFindings: z.int().optional().describe('How many more there are.'),
  })
  .describe('What one host class makes of the current revision.')

const reachStatus = z
  .object({
    from: z.string().max(63).describe('The host class a VM runs on.'),
    to: z.string().max(63).describe('The host class it would move to.'),
    reach: z
      .enum(['BothWays', 'OneWay', 'Never'])
      .describe('OneWay: the destination has a surplus, and there is no way back.'),
    findings: z
      .array(finding)
      .max(4)
      .describe('What decides: what the two show, or why the destination does not fit the revision.'),
  })
  .describe('Whether VMs of the current revision can move between two host classes.')

export const cpuFeatureProfileStatus = z
  .object({
    observedGeneration: z.int().optional().describe('The metadata.generation this status is about.'),
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

export type CpuFeatureProfile = {
  apiVersion: string
  kind: 'CpuFeatureProfile'
  metadata: ObjectMeta
  spec: CpuFeatureProfileSpec
  status?: CpuFeatureProfileStatus
}
