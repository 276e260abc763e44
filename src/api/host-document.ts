import * as z from 'zod'
import { hex64 } from './hex64-schema.ts'
import { VCPU_FEATURES } from './vcpu-feature.ts'

const registerValues = z.record(z.string(), hex64).meta({ maxProperties: 256 })

const vcpuFeature = z.enum(VCPU_FEATURES)

/** What a fresh vCPU in another vCPU configuration shows, as the difference from a plain one. */
export const vcpuConfigurationView = z
  .object({
    vcpuFeatures: z.array(vcpuFeature).max(6).describe('The vCPU features of this configuration.'),
    implementationId: z
      .boolean()
      .optional()
      .describe('Whether KVM_CAP_ARM_WRITABLE_IMP_ID_REGS was enabled on the VM; absent means no.'),
    differences: registerValues.describe('Registers whose value differs from guestView.'),
    hidden: z.array(z.string().max(64)).max(256).optional().describe('Registers of guestView that it lacks.'),
    registerListAdded: z
      .array(hex64)
      .max(512)
      .optional()
      .describe('KVM register IDs that KVM lists beyond those of a plain vCPU.'),
    registerListRemoved: z
      .array(hex64)
      .max(512)
      .optional()
      .describe('KVM register IDs of a plain vCPU that KVM does not list here.'),
  })
  .describe('The guest view of one vCPU configuration, as the difference from the plain one.')

/** A trial in which KVM deviated from the rules: `stored` or `errno` is its answer. */
export const deviation = z
  .object({
    vcpuFeatures: z.array(vcpuFeature).max(6).describe('The vCPU features of the VM on which it was tried.'),
    implementationId: z
      .boolean()
      .optional()
      .describe('Whether KVM_CAP_ARM_WRITABLE_IMP_ID_REGS was enabled on the VM; absent means no.'),
    register: z.string().max(64).describe("The register, by Arm's name."),
    value: hex64.describe('The written value of the whole register.'),
    stored: hex64.optional().describe('The value that KVM kept, if it took the write.'),
    errno: z.string().max(16).optional().describe('The name of the errno, if KVM refused the write.'),
  })
  .describe('A write for which KVM deviates from the rules.')

/**
 * Everything from which the engine decides: `cpufeatures probe` prints it, and NodeCpuFeatures.status holds it.
 * Every register value is a 0x-string. Registers have Arm's names; firmware registers and capabilities have
 * those of KVM's UAPI.
 */
export const hostDocument = z
  .object({
    formatVersion: z.literal(1).describe('Version of this format.'),
    kernel: z
      .object({
        release: z.string().max(128).describe('uname -r.'),
        bootID: z.string().max(64).describe('/proc/sys/kernel/random/boot_id.'),
      })
      .describe('The kernel that gave these answers.'),
    cpu: z
      .object({
        midr: hex64.describe('MIDR_EL1 of a fresh vCPU.'),
        revidr: hex64.optional().describe('REVIDR_EL1; absent if it is unknown.'),
        aidr: hex64.optional().describe('AIDR_EL1; absent if it is unknown.'),
      })
      .describe('The implementation ID registers of the host.'),
    cores: z
      .array(
        z.object({
          midr: hex64.describe('MIDR_EL1 of the cores.'),
          cpus: z.string().max(256).optional().describe('Their CPUs, as Linux lists them: 0-3,8.'),
        }),
      )
      .max(16)
      .optional()
      .describe('The kinds of cores, by MIDR_EL1, the first first; absent where they could not be read.'),
    imported: z
      .object({
        from: z.string().max(64).describe('What the document was made of.'),
        hwcaps: z
          .array(z.string().max(32))
          .max(256)
          .optional()
          .describe("What the host's own /proc/cpuinfo shows; absent where it was not told."),
      })
      .optional()
      .describe(
        'That the document was made of what another program tells; absent where KVM was probed. What it does not have is then unknown.',
      ),
    capabilities: z
      .record(z.string(), z.int())
      .meta({ maxProperties: 64 })
      .describe('The answers of KVM_CHECK_EXTENSION, by name of the capability; absent if nobody asked.'),
    vcpuFeatures: z
      .array(vcpuFeature)
      .max(6)
      .describe(
        'The vCPU features that this host can give. It is unknown of another one if nobody asked for its capabilities.',
      ),
    writableMasks: registerValues
      .optional()
      .describe(
        'KVM_ARM_GET_REG_WRITABLE_MASKS by register: the bits that KVM reports as writable. Registers without any are left out; ' +
          'absent or empty if nobody asked.',
      ),
    unknownMaskBits: registerValues
      .optional()
      .describe('Bits of writableMasks outside all fields that this version knows.'),
    guestView: registerValues.describe('Every feature ID register of a fresh plain vCPU.'),
    configurations: z
      .array(vcpuConfigurationView)
      .max(32)
      .describe('The other vCPU configurations that this host can make.'),
    registerList: z
      .object({
        added: z.array(hex64).max(1024).describe('KVM register IDs beyond the shipped list.'),
        removed: z
          .array(hex64)
          .max(1024)
          .describe('KVM register IDs of the shipped list that this host lacks.'),
      })
      .optional()
      .describe(
        'KVM_GET_REG_LIST of a plain vCPU, as the difference from the shipped list; absent if it is unknown. Then it is also ' +
          'unknown whether KVM has registers that are not in this document.',
      ),
    firmwareRegisters: registerValues.describe(
      'Firmware pseudo-registers of a fresh vCPU (PSCI, SMCCC, hypercall bitmaps).',
    ),
    sveVectorLengths: z
      .array(z.int())
      .max(16)
      .optional()
      .describe(
        'The SVE vector lengths that a VM can have, in bits; empty without SVE, absent if they are unknown.',
      ),
    ipaBits: z
      .int()
      .optional()
      .describe(
        'KVM_CAP_ARM_VM_IPA_SIZE: the largest intermediate physical address size, in bits; absent if it is unknown.',
      ),
    counterFrequency: z
      .int()
      .optional()
      .describe('CNTFRQ_EL0 in Hz, as a guest reads it untrapped; absent if it could not be measured.'),
    dczid: hex64
      .optional()
      .describe('DCZID_EL0, as a guest reads it untrapped; absent if it could not be measured.'),
    ctr: hex64
      .optional()
      .describe(
        'CTR_EL0, as a guest reads it. The read is untrapped if the VM has the value of the host; it then includes TminLine, ' +
          'which guestView never has. Absent if it could not be measured.',
      ),
    pmu: z
      .object({
        counters: z.int().describe('PMCR_EL0.N: event counters.'),
        pmceid0: hex64.describe('PMCEID0_EL0: common events implemented.'),
        pmceid1: hex64.describe('PMCEID1_EL0: common events implemented.'),
        slots: z
          .int()
          .optional()
          .describe(
            'PMMIR_EL1.SLOTS, where KVM lists the register; newer kernels refuse that of another host.',
          ),
      })
      .optional()
      .describe('What a guest with a PMU sees; absent if the host gives no PMU.'),
    trials: z
      .object({
        writes: z.int().describe('The number of tried writes.'),
        deviating: z.int().describe('How many of them deviated from the rules.'),
      })
      .optional()
      .describe(
        'Present if the probe tried the values of every field in every configuration of this document. Without it, ' +
          'predictions are unproven.',
      ),
    deviations: z.array(deviation).max(1024).describe('The trials in which KVM deviated from the rules.'),
  })
  .describe("What this host's KVM can show a guest.")

export type HostDocument = z.infer<typeof hostDocument>
export type VcpuConfigurationView = z.infer<typeof vcpuConfigurationView>
export type Deviation = z.infer<typeof deviation>
