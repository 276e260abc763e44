import type { CallSituation } from '../../src/launch/decide/call-situation.ts'
import { FRESH_PROCESS } from '../fixtures/sample-situation.ts'
import type { Rules } from './simulated-launch.ts'

/** A VMM was thought to have its vCPUs INITed within so many seconds of its first. */
const LONGEST_SETUP_S = 10

type Guesses = { firstInit: number | undefined; hasUnlevelledVm: boolean }

const byLaunch = new WeakMap<object, Guesses>()

const RESET: CallSituation = {
  ...FRESH_PROCESS,
  mayHaveRun: true,
  vcpu: { kind: 'vcpu', state: 'levelled', vm: 'levelled', label: 0 },
}

/**
 * The rules before marks, where debugfs cannot be read: a VM may have run some seconds after the first INIT, and an INIT is then a
 * reset, unless a VM was made since. Kept to show that the test of today's rules finds what was wrong with them.
 */
export const guessedSituation: Rules = (launch, _, call) => {
  const guesses = byLaunch.get(launch) ?? { firstInit: undefined, hasUnlevelledVm: false }
  byLaunch.set(launch, guesses)
  const mayHaveRun = guesses.firstInit !== undefined && launch.clock - guesses.firstInit > LONGEST_SETUP_S
  if (call.kind === 'create-vm' && mayHaveRun) guesses.hasUnlevelledVm = true
  if (call.kind === 'vcpu-init') guesses.firstInit ??= launch.clock
  if (!mayHaveRun) return FRESH_PROCESS
  return guesses.hasUnlevelledVm ? { ...FRESH_PROCESS, mayHaveRun } : RESET
}
