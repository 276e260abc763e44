import { readFileSync } from 'node:fs'
import { debugfsVms } from '../../launch/act/kvm-debugfs.ts'
import type { ServingFacts } from './serving-condition.ts'

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // This kernel is built without it.
    return undefined
  }
}

/** Asks this node's kernel what it lets an agent do. */
export const readServingFacts = (notReady: readonly string[]): ServingFacts => ({
  notReady,
  ptraceScope: Number(read('/proc/sys/kernel/yama/ptrace_scope') ?? '0'),
  hasNotifications:
    read('/proc/sys/kernel/seccomp/actions_avail')?.split(/\s+/).includes('user_notif') ?? false,
  hasDebugfs: debugfsVms() !== undefined,
  // `none [integrity] confidentiality`: the one in brackets holds.
  isLockedDown: /\[(integrity|confidentiality)\]/.test(read('/sys/kernel/security/lockdown') ?? ''),
})
