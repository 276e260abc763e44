import { ioctlRequest } from './ioctl-request.ts'

// Numbers and layouts of KVM's UAPI for arm64: include/uapi/linux/kvm.h and arch/arm64/include/uapi/asm/kvm.h,
// Linux 6.12, unless a comment says otherwise. All integers are little-endian, because nobody builds KVM on arm64 for big-endian.

const KVMIO = 0xae

/** ioctl requests on /dev/kvm, a VM or a vCPU. */
export const KVM_GET_API_VERSION = ioctlRequest('none', KVMIO, 0x00)
export const KVM_CREATE_VM = ioctlRequest('none', KVMIO, 0x01)
export const KVM_CHECK_EXTENSION = ioctlRequest('none', KVMIO, 0x03)
export const KVM_GET_VCPU_MMAP_SIZE = ioctlRequest('none', KVMIO, 0x04)
export const KVM_CREATE_VCPU = ioctlRequest('none', KVMIO, 0x41)
export const KVM_SET_USER_MEMORY_REGION = ioctlRequest('write', KVMIO, 0x46, 32)
export const KVM_RUN = ioctlRequest('none', KVMIO, 0x80)
export const KVM_ENABLE_CAP = ioctlRequest('write', KVMIO, 0xa3, 104)
export const KVM_GET_ONE_REG = ioctlRequest('write', KVMIO, 0xab, 16)
export const KVM_SET_ONE_REG = ioctlRequest('write', KVMIO, 0xac, 16)
export const KVM_ARM_VCPU_INIT = ioctlRequest('write', KVMIO, 0xae, 32)
export const KVM_ARM_PREFERRED_TARGET = ioctlRequest('read', KVMIO, 0xaf, 32)
export const KVM_GET_REG_LIST = ioctlRequest('readwrite', KVMIO, 0xb0, 8)
/** Declared as _IOR, although the kernel reads the struct and writes through its address. */
export const KVM_ARM_GET_REG_WRITABLE_MASKS = ioctlRequest('read', KVMIO, 0xb6, 64)
export const KVM_SET_DEVICE_ATTR = ioctlRequest('write', KVMIO, 0xe1, 24)
export const KVM_ARM_VCPU_FINALIZE = ioctlRequest('write', KVMIO, 0xc2, 4)

/** What KVM_GET_API_VERSION has answered since Linux 2.6.22; KVM's own document says to refuse any other. */
export const KVM_API_VERSION = 12

/** struct kvm_vcpu_init {u32 target; u32 features[7]}. */
export const KVM_VCPU_INIT = { size: 32, target: 0, features: 4 } as const

/** struct kvm_one_reg {u64 id; u64 addr}. */
export const KVM_ONE_REG = { size: 16, id: 0, addr: 8 } as const

/** struct kvm_reg_list {u64 n; u64 reg[]}. */
export const KVM_REG_LIST = { n: 0, reg: 8 } as const

/** struct kvm_enable_cap {u32 cap; u32 flags; u64 args[4]; u8 pad[64]}. */
export const KVM_ENABLE_CAP_LAYOUT = { size: 104, cap: 0, flags: 4, args: 8 } as const

/** struct reg_mask_range {u64 addr; u32 range; u32 reserved[13]}; `addr` points to 192 u64. */
export const REG_MASK_RANGE = { size: 64, addr: 0, range: 8 } as const

/** KVM_ARM_FEATURE_ID_RANGE, the only range there is, and the u64s it fills. */
export const KVM_ARM_FEATURE_ID_RANGE = 0
export const KVM_ARM_FEATURE_ID_RANGE_SIZE = 192

/** struct kvm_userspace_memory_region {u32 slot; u32 flags; u64 guest_phys_addr; u64 memory_size; u64 userspace_addr}. */
export const KVM_USERSPACE_MEMORY_REGION = {
  size: 32,
  slot: 0,
  flags: 4,
  guestPhysAddr: 8,
  memorySize: 16,
  userspaceAddr: 24,
} as const

/** struct kvm_device_attr {u32 flags; u32 group; u64 attr; u64 addr}. */
export const KVM_DEVICE_ATTR = { size: 24, flags: 0, group: 4, attr: 8, addr: 16 } as const

/** The PMU of a vCPU as a device: a VM without interrupt controller needs INIT before it runs. */
export const KVM_ARM_VCPU_PMU_V3_CTRL = 0
export const KVM_ARM_VCPU_PMU_V3_INIT = 1n

/** The page of a vCPU's file after struct kvm_run that all vCPUs of a VM share: asm/kvm.h. */
export const KVM_COALESCED_MMIO_PAGE_OFFSET = 1

/** The parts of struct kvm_run that are read: the exit reason, flags, and its `mmio` member. */
export const KVM_RUN_LAYOUT = {
  exitReason: 8,
  flags: 14,
  mmioPhysAddr: 32,
  mmioData: 40,
  mmioLen: 48,
  mmioIsWrite: 52,
} as const

export const KVM_EXIT_MMIO = 6

/** Parts of a ONE_REG id: architecture and size in the upper half, the kind of register (`coproc`) in bits 27:16. */
export const KVM_REG_ARM64 = 0x6000_0000_0000_0000n
export const KVM_REG_SIZE_U64 = 0x0030_0000_0000_0000n
export const KVM_REG_ARM_COPROC_MASK = 0x0fff_0000n
export const KVM_REG_ARM_CORE = 0x0010_0000n
export const KVM_REG_ARM64_SYSREG = 0x0013_0000n
export const KVM_REG_ARM_FW = 0x0014_0000n
export const KVM_REG_ARM64_SVE = 0x0015_0000n
export const KVM_REG_ARM_FW_FEAT_BMAP = 0x0016_0000n

/** The vector lengths a vCPU has, u64[8]: bit n-1 of the 512 says n*128 bits. Writable between INIT and FINALIZE. */
export const KVM_REG_ARM64_SVE_VLS = 0x6060_0000_0015_ffffn
export const KVM_ARM64_SVE_VLS_WORDS = 8

/** PC in struct kvm_regs, as a ONE_REG id: offset 0x100, counted in u32. */
export const KVM_REG_ARM64_PC = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | 0x40n
