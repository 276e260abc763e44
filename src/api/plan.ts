import * as z from 'zod'
import { maskedRegister, toleratedDifference } from './finding.ts'
import { hex64 } from './hex64-schema.ts'
import { vcpuFeaturePolicies } from './vcpu-feature-policy.ts'

export const sveVectorLengths = z.array(z.int()).max(16).describe('SVE vector lengths, in bits.')

/** What a guest reads untrapped and KVM cannot change. A host must have exactly these values. */
export const untrapped = z
  .object({
    counterFrequency: z.int().optional().describe('CNTFRQ_EL0 in Hz.'),
    dczid: hex64.optional().describe('DCZID_EL0.'),
    tminLine: z
      .int()
      .min(0)
      .max(63)
      .optional()
      .describe('CTR_EL0.TminLine as a guest reads it, if the profile tolerates no difference in it.'),
  })
  .describe(
    'Values that guests read untrapped and that KVM cannot change. Only hosts with exactly these values fit.',
  )

export const implementationId = z
  .object({
    midr: hex64.optional().describe('MIDR_EL1.'),
    revidr: hex64.optional().describe('REVIDR_EL1.'),
    aidr: hex64.optional().describe('AIDR_EL1.'),
  })
  .describe('The implementation ID registers that the guest sees. An absent one keeps the value of the host.')

export const firmwareRegister = z
  .object({
    register: z.string().max(64).describe("The firmware register, by the name in KVM's UAPI."),
    value: hex64.describe('The value that it must have.'),
  })
  .describe('A firmware register and its value.')

export const fieldCeiling = z
  .object({
    register: z.string().min(1).max(64).describe("The register, by Arm's name."),
    field: z.string().min(1).max(64).describe('The field of the register.'),
    value: z
      .int()
      .min(0)
      .max(4294967295)
      .describe('The highest value allowed, raw. A host with less keeps its own.'),
  })
  .describe('A field with a highest allowed value.')

/** The immutable compiled plan that a launch applies to a vCPU. `formatVersion` changes with its meaning. */
export const plan = z
  .object({
    formatVersion: z.literal(1).describe('Version of this format.'),
    enforcement: z
      .enum(['Strict', 'BestEffort'])
      .describe(
        'Strict: a launch that cannot show the plan fails. BestEffort: it continues, and the record reports the rest.',
      ),
    registers: z
      .array(maskedRegister)
      .max(192)
      .describe('ID registers: the specified bits and their values.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register'] }),
    atMost: z
      .array(fieldCeiling)
      .max(512)
      .optional()
      .describe('Fields that a launch lowers on hosts that show more. Hosts that show less keep their value.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register', 'field'] }),
    requiredFeatures: z
      .array(z.string().min(1).max(64))
      .max(256)
      .optional()
      .describe('FEAT_ names that the guest must see.')
      .meta({ 'x-kubernetes-list-type': 'set' }),
    implementation: implementationId.optional(),
    firmwareRegisters: z
      .array(firmwareRegister)
      .max(16)
      .describe('Firmware registers and their values.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register'] }),
    vcpuFeatures: vcpuFeaturePolicies,
    sveVectorLengths: sveVectorLengths
      .optional()
      .describe('SVE vector lengths, in bits, if sve is Required.'),
    registerList: z
      .object({
        exclude: z.array(hex64).max(1024).describe('KVM register IDs left out of KVM_GET_REG_LIST.'),
      })
      .describe('The registers left out of the register list.'),
    untrapped,
    tolerated: z.array(toleratedDifference).max(256).describe('The fields in which hosts still differ.'),
  })
  .describe('A compiled plan, which a launch applies to every vCPU.')

export type Plan = z.infer<typeof plan>
export type FirmwareRegister = z.infer<typeof firmwareRegister>
export type ImplementationId = z.infer<typeof implementationId>
export type Untrapped = z.infer<typeof untrapped>
