import { vcpuName } from '../host/vmms/situation.ts'
import { printedVcpus } from '../host/vmms/vmm-launch.ts'
import { amiss, isUnmasked, withoutRun } from './cell-outcome.ts'
import type { SeenCell } from './cell-outcome.ts'
import type { LaunchShape } from './launch-shape.ts'

const EINVAL = -22
const EIO = -5
const KILLED = 128 + 9

/** The outcome of a VMM of which a guest has run. */
const afterRun = ({ fault, exitCode = NaN, stdout }: SeenCell, shape: LaunchShape): string => {
  const failed = printedVcpus(stdout).filter(({ init }) => init !== 0)
  const isRefused = (vcpu: (typeof failed)[number]): boolean =>
    fault === 'trace-vmm' && vcpu.init === EIO
      ? (shape.late ?? []).includes(vcpuName(vcpu))
      : vcpu.init === EINVAL && (shape.refused ?? []).includes(vcpuName(vcpu))
  if (!failed.every(isRefused)) return 'disturbed: an INIT failed after a guest had run'
  if (exitCode === 1 && failed.length > 0) return 'refused'
  const isEndOfFault = fault === 'kill-vmm' && exitCode === KILLED
  return exitCode === 0 || isEndOfFault
    ? 'levelled'
    : `disturbed: ended with ${exitCode} after a guest had run`
}

/** The outcome of a launch of this shape, with a fault before some call of its supervisor. */
export const shapeOutcome = (seen: SeenCell, shape: LaunchShape): string => {
  if (isUnmasked(seen.stdout)) return 'UNMASKED'
  // A late look at the threads may find one that is served: whether one stays traced the first table tells.
  const wrong = amiss({ ...seen, traced: false })
  if (wrong !== undefined) return wrong
  if (seen.at === undefined) return 'not reached'
  return printedVcpus(seen.stdout).some(({ init }) => init === 0) ? afterRun(seen, shape) : withoutRun(seen)
}
