import type { HostDocument } from '../api/host-document.ts'
import { cpuName } from '../arm64/cpu-name.ts'

/** The kinds of cores of a host, for people, one each: `Cortex-A72 r0p3 (CPUs 4-5)`. */
export const coreKindsText = ({ cores = [] }: Pick<HostDocument, 'cores'>): readonly string[] =>
  cores.map(({ midr, cpus }) => `${cpuName(BigInt(midr))}${cpus === undefined ? '' : ` (CPUs ${cpus})`}`)

/** What several kinds of cores mean for the VMs of a host, to follow the kinds. */
export const KEEP_ON_ONE_KIND =
  'what a guest sees depends on the cores on which its VM is made and runs: keep each VM on one kind'

/** Whether a host has cores of several kinds. */
export const hasSeveralKinds = ({ cores = [] }: Pick<HostDocument, 'cores'>): boolean => cores.length > 1
