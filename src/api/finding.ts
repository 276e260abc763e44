import * as z from 'zod'
import { hex64 } from './hex64-schema.ts'

const about = {
  reason: z.string().max(64).describe('Why, as one CamelCase word; docs/errors.md explains each.'),
  register: z.string().max(64).optional().describe("The register, by Arm's or KVM's name."),
  field: z.string().max(64).optional().describe('The field of the register.'),
}

const remedy = {
  writable: z.boolean().optional().describe('Whether KVM lets anyone change the field.'),
  remedy: z.string().max(512).describe('A sentence on what would help.'),
}

/** A plan against a host, or what a profile asks for against what hosts have. */
export const planFindingSchema = z
  .object({
    ...about,
    wanted: z.string().max(64).optional().describe('The value that the plan wants.'),
    limit: z.string().max(64).optional().describe('What the host shows there, or the most it can show.'),
    ...remedy,
  })
  .describe('Why a plan does not fit a host, and what would help.')

export type PlanFinding = z.infer<typeof planFindingSchema>

/** A host against a host, under a plan that both fit. */
export const reachFindingSchema = z
  .object({
    ...about,
    onFrom: z.string().max(64).describe('What guests find there on the host that VMs would leave.'),
    onTo: z.string().max(64).describe('What guests find there on the host that VMs would move to.'),
    ...remedy,
  })
  .describe('What keeps VMs from moving between two hosts, or back, and what would help.')

export type ReachFinding = z.infer<typeof reachFindingSchema>

/** A plan against a vCPU of a launch, or what kept the supervisor from making it so. */
export const launchRefusal = z
  .object({
    ...about,
    feature: z.string().max(64).optional().describe('The feature or vCPU feature.'),
    wanted: z.string().max(64).optional().describe('The value that the plan wants.'),
    shown: z.string().max(64).optional().describe('The value that the vCPU shows.'),
    cause: z.string().max(64).optional().describe('The error, thread or process of which the reason speaks.'),
    remedy: remedy.remedy,
  })
  .describe('Why a launch does not show its plan, and what would help.')

export type LaunchRefusal = z.infer<typeof launchRefusal>

/**
 * All that a finding about hosts may carry; `onFrom` tells a {@link ReachFinding} from a {@link PlanFinding}. Its `reason` is a key
 * of PLAN_REASONS or of REACH_REASONS; that of a {@link LaunchRefusal} is a key of REFUSAL_REMEDIES.
 */
export const finding = z
  .union([reachFindingSchema, planFindingSchema])
  .describe('Why something does not fit, and what would help.')

export type Finding = PlanFinding | ReachFinding

/** A field in which hosts may differ under a plan, and why they may. */
export const toleratedDifference = z
  .object({
    register: z.string().max(64).describe("The register, by Arm's name."),
    field: z.string().max(64).describe('The field of the register.'),
    kind: z
      .enum(['Inert', 'Named', 'Surplus'])
      .describe(
        'Inert: a guest without EL2 cannot act on the field. Named: the owner of the profile accepts that guests see the ' +
          'difference. Surplus: hosts may show more than promised.',
      ),
    value: z
      .int()
      .min(0)
      .max(4294967295)
      .optional()
      .describe('The promised value, raw. Hosts may show more (Surplus) or differ inertly (Inert).'),
  })
  .describe('A field that KVM cannot level. Its register is left out of the register list.')

export type ToleratedDifference = z.infer<typeof toleratedDifference>

/** A register's specified bits: `(register & mask) === value`; bits of `value` outside `mask` are 0. */
export const maskedRegister = z
  .object({
    register: z.string().min(1).max(64).describe("The register, by Arm's name."),
    mask: hex64.describe('The specified bits.'),
    value: hex64.describe('The values of these bits; 0 outside the mask.'),
  })
  .describe('The specified bits of an ID register and their values.')

export type MaskedRegister = z.infer<typeof maskedRegister>
