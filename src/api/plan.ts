import * as z from 'zod'
import { maskedRegister, toleratedDifference } from './finding.ts'
import { hex64 } from './hex64.ts'
import { vcpuFeaturePolicies } from './vcpu-feature-policy.ts'

export const sveVectorLengths = z.array(z.int()).max(16).describe('SVE vector lengths, in bits.')

/** What a guest reads untrapped and KVM cannot change: a host must have exactly this. */
export const untrapped = z
  .object({
    counterFrequency: z.int().optional().describe('CNTFRQ_EL0 in Hz.'),
    dczid: hex64.optional().describe('DCZID_EL0.'),
    tminLine: z
      .int()
      .min(0)
      .max(63)
      .optional()
      .describe('CTR_EL0.TminLine as a guest reads it, where no difference in it is tolerated.'),
  })
  .describe('What the guest reads untrapped and KVM cannot change: only hosts with exactly this fit.')

export const implementationId = z
  .object({
    midr: hex64.optional().describe('MIDR_EL1.'),
    revidr: hex64.optional().describe('REVIDR_EL1.'),
    aidr: hex64.optional().describe('AIDR_EL1.'),
  })
  .describe('The implementation ID registers the guest sees; an absent one stays as the host has it.')

export const firmwareRegister = z
  .object({
    register: z.string().max(64).describe("The firmware register, by the name in KVM's UAPI."),
    value: hex64.describe('What it must be.'),
  })
  .describe('A firmware register and what it must be.')

export const fieldCeiling = z
  .object({
    register: z.string().min(1).max(64).describe("The register, by Arm's name."),
    field: z.string().min(1).max(64).describe('The field of the register.'),
    value: z.int().min(0).max(4294967295).describe('The most it may be, raw; what has less keeps it.'),
  })
  .describe('A field that may be at most this.')

/** The immutable compiled plan: what a launch applies to a vCPU. `formatVersion` changes with its meaning. */
export const plan = z
  .object({
    formatVersion: z.literal(1).describe('Version of this format.'),
    enforcement: z
      .enum(['Strict', 'BestEffort'])
      .describe('Strict: a launch that cannot be made to fit fails. BestEffort: it goes on and is reported.'),
    registers: z
      .array(maskedRegister)
      .max(192)
      .describe('ID registers: the specified bits and what they must be.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register'] }),
    atMost: z
      .array(fieldCeiling)
      .max(512)
      .optional()
      .describe('Fields that are brought down where a host shows more, and left where it shows less.')
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
      .describe('Firmware registers and what they must be.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['register'] }),
    vcpuFeatures: vcpuFeaturePolicies,
    sveVectorLengths: sveVectorLengths
      .optional()
      .describe('SVE vector lengths, in bits, where sve is Required.'),
    registerList: z
      .object({
        exclude: z.array(hex64).max(1024).describe('KVM register ids left out of KVM_GET_REG_LIST.'),
      })
      .describe('What is left out of the register list.'),
    untrapped,
    tolerated: z
      .array(toleratedDifference)
      .max(256)
      .describe('Differences that remain between hosts, each named.'),
  })
  .describe('A compiled plan: what a launch applies to every vCPU.')

export type Plan = z.infer<typeof plan>
export type FirmwareRegister = z.infer<typeof firmwareRegister>
export type ImplementationId = z.infer<typeof implementationId>
export type Untrapped = z.infer<typeof untrapped>
