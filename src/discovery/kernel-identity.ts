import { readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { HostDocument } from '../api/host-document.ts'

/** Which kernel answers, and since which boot. Throws where /proc is not mounted. */
export const kernelIdentity = (): HostDocument['kernel'] => ({
  release: release(),
  bootID: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
})
