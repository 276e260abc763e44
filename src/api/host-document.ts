import * as z from 'zod'
import { hex64 } from './hex64.ts'
import { VCPU_FEATURES } from './vcpu-feature-policy.ts'

const registerValues = z.record(z.string(), hex64).meta({ maxProperties: 256 })

const vcpuFeature = z.enum(VCPU_FEATURES)

/** What a fresh vCPU of another vCPU configuration shows, as the difference from the plain one. */
export const vcpuConfigurationView = z
  .object({
    vcpuFeatures: z.array(vcpuFeature).max(6).describe('The vCPU features of this configuration.'),
    implementationId: z
      .boolean()
      .optional()
      .describe('Whether KVM_CAP_ARM_WRITABLE_IMP_ID_REGS was enabled on the VM; absent means no.'),
    differences: registerValues.describe('Registers whose value differs from guestView.'),
    hidden: z.array(z.string().max(64)).max(256).optional().describe('Registers of guestView it has not.'),
    registerListAdded: z
      .array(hex64)
      .max(512)
      .optional()
      .describe('KVM register ids it lists beyond the plain one.'),
    registerListRemoved: z.array(hex64).max(512).optional().describe('KVM register ids it lists no more.'),
  })
  .describe('The guest view of one vCPU configuration, as a difference from the plain one.')

/** Where KVM does otherwise than the rules say, found by trial: `stored` or `errno` says what came. */
export const deviation = z
  .object({
    vcpuFeatures: z.array(vcpuFeature).max(6).describe('The vCPU features of the VM it was tried on.'),
    implementationId: z
      .boolean()
      .optional()
      .describe('Whether KVM_CAP_ARM_WRITABLE_IMP_ID_REGS was enabled on the VM; absent means no.'),
    register: z.string().max(64).describe("The register, by Arm's name."),
    value: hex64.describe('The value of the whole register that was written.'),
    stored: hex64.optional().describe('What KVM kept, where it took the write.'),
    errno: z.string().max(16).optional().describe('The errno by name, where it refused.'),
  })
  .describe('A write KVM answers otherwise than the rules say.')

/**
 * All that the engine decides from: what `cpufeatures probe` prints and NodeCpuFeatures.status holds.
 * Every register value is a 0x-string; registers are named as Arm names them, firmware registers and
 * capabilities as KVM's UAPI does.
 */
export const hostDocument = z
  .object({
    formatVersion: z.literal(1).describe('Version of this format.'),
    kernel: z
      .object({
        release: z.string().max(128).describe('uname -r.'),
        bootID: z.string().max(64).describe('/proc/sys/kernel/random/boot_id.'),
      })
      .describe('The kernel that answered.'),
    cpu: z
      .object({
        midr: hex64.describe('MIDR_EL1 as a fresh vCPU shows it.'),
        revidr: hex64.describe('REVIDR_EL1.'),
        aidr: hex64.describe('AIDR_EL1.'),
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
      .describe('What KVM_CHECK_EXTENSION answers, by the name of the capability.'),
    vcpuFeatures: z.array(vcpuFeature).max(6).describe('The vCPU features this host can give.'),
    writableMasks: registerValues.describe(
      'KVM_ARM_GET_REG_WRITABLE_MASKS by register: the bits KVM says may be changed; registers with none are left out.',
    ),
    unknownMaskBits: registerValues
      .optional()
      .describe('Bits of writableMasks that fall in no field known to this version.'),
    guestView: registerValues.describe(
      'Every feature ID register of a fresh vCPU of the plain configuration.',
    ),
    configurations: z
      .array(vcpuConfigurationView)
      .max(32)
      .describe('The other vCPU configurations this host can make.'),
    registerList: z
      .object({
        added: z.array(hex64).max(1024).describe('KVM register ids beyond the shipped list.'),
        removed: z.array(hex64).max(1024).describe('KVM register ids of the shipped list that it has not.'),
      })
      .describe('KVM_GET_REG_LIST of the plain configuration, as a difference from the list we ship.'),
    firmwareRegisters: registerValues.describe(
      'Firmware pseudo-registers of a fresh vCPU (PSCI, SMCCC, hypercall bitmaps).',
    ),
    sveVectorLengths: z
      .array(z.int())
      .max(16)
      .describe('SVE vector lengths a VM can have, in bits; empty without SVE.'),
    ipaBits: z
      .int()
      .describe('KVM_CAP_ARM_VM_IPA_SIZE: the largest intermediate physical address size, in bits.'),
    counterFrequency: z
      .int()
      .optional()
      .describe('CNTFRQ_EL0 in Hz as a guest reads it, untrapped; absent where it could not be measured.'),
    dczid: hex64
      .optional()
      .describe('DCZID_EL0 as a guest reads it, untrapped; absent where it could not be measured.'),
    ctr: hex64
      .optional()
      .describe(
        'CTR_EL0 as a guest reads it: untrapped where the VM has the value of the host, and then with TminLine, which guestView never has; absent where it could not be measured.',
      ),
    pmu: z
      .object({
        counters: z.int().describe('PMCR_EL0.N: event counters.'),
        pmceid0: hex64.describe('PMCEID0_EL0: common events implemented.'),
        pmceid1: hex64.describe('PMCEID1_EL0: common events implemented.'),
      })
      .optional()
      .describe('What a guest with a PMU sees; absent where the host gives none.'),
    trials: z
      .object({
        writes: z.int().describe('How many writes were tried.'),
        deviating: z.int().describe('How many of them KVM answered otherwise than the rules say.'),
      })
      .optional()
      .describe(
        'That every value of every field was tried, in every configuration of this document; absent where it was not: then predictions are unproven.',
      ),
    deviations: z
      .array(deviation)
      .max(1024)
      .describe('Where KVM does otherwise than the rules say, found by trial.'),
  })
  .describe("What this host's KVM can show a guest.")

export type HostDocument = z.infer<typeof hostDocument>
export type VcpuConfigurationView = z.infer<typeof vcpuConfigurationView>
export type Deviation = z.infer<typeof deviation>
