import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { HostDocument } from '../api/host-document.ts'
import { toHex64 } from '../api/hex64.ts'
import { coreKinds, cpuList } from './core-kinds.ts'

const SYSFS = '/sys/devices/system/cpu'

/** The MIDR_EL1 of a CPU; undefined if it is offline, or its file cannot be read. */
const midrOf = (folder: string, name: string): bigint | undefined => {
  try {
    return BigInt(readFileSync(join(folder, name, 'regs/identification/midr_el1'), 'utf8').trim())
  } catch {
    return undefined
  }
}

const cpusIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/**
 * The kinds of cores among the CPUs that are online, from each one's MIDR_EL1 in sysfs (arch/arm64/kernel/cpuinfo.c). A vCPU shows
 * that of one of them, so KVM does not tell. Empty where sysfs tells nothing.
 */
export const readCores = (folder = SYSFS): Pick<HostDocument, 'cores'> => {
  const midrs = cpusIn(folder).flatMap((name): [number, bigint][] => {
    const cpu = /^cpu(\d+)$/.exec(name)?.[1]
    const midr = cpu === undefined ? undefined : midrOf(folder, name)
    return cpu === undefined || midr === undefined ? [] : [[Number(cpu), midr]]
  })
  if (midrs.length === 0) return {}
  return {
    cores: coreKinds(new Map(midrs)).map(({ midr, cpus }) => ({ midr: toHex64(midr), cpus: cpuList(cpus) })),
  }
}
