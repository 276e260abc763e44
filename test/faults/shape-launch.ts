import type { HostAccess } from '../harness/host-access.ts'
import { underCondition } from '../host/vmms/host-condition.ts'
import type { HostConditionName } from '../host/vmms/host-condition.ts'
import type { SeenCell } from './cell-outcome.ts'
import { cellOf } from './faulty-launches.ts'
import { LAUNCH_SHAPES } from './launch-shape.ts'
import type { LaunchShapeName } from './launch-shape.ts'

/** A launch of a shape, on a host of a condition. */
export type ShapeLaunch = { readonly condition: HostConditionName; readonly shape: LaunchShapeName }

const MOST_SECONDS = 600

const launch = (
  host: HostAccess,
  plan: string,
  cell: string,
  { condition, shape }: ShapeLaunch,
): Promise<string> =>
  underCondition(host, condition, async (under) => {
    const { steps } = LAUNCH_SHAPES[shape]
    const vmm = ['/opt/vmm/two-thread-stepwise', 'await:/tmp/fault-go', ...steps.split(' ')]
    const run = ['cpufeatures', 'run', '--plan', plan, '--', ...vmm]
    await host.run(['rm', '-f', '/tmp/fault-saved'])
    const { stdout, stderr } = await host.run(['/opt/vmm/fault-alone', cell, ...under, ...run], {
      timeoutSeconds: MOST_SECONDS,
    })
    return `${stdout}\n--- stderr\n${stderr}`
  })

/** How many calls that matter the supervisor makes in such a launch. */
export const callsOfShape = async (
  host: HostAccess,
  plan: string,
  which: ShapeLaunch,
): Promise<{ readonly calls: number; readonly printed: string }> => {
  const printed = await launch(host, plan, 'follow', which)
  return { calls: [...printed.matchAll(/^STEP /gm)].length, printed }
}

/** One launch with a fault, `FAULT:NUMBER`, and all that was printed. */
export const shapeWithFault = async (
  host: HostAccess,
  plan: string,
  which: ShapeLaunch,
  cell: string,
): Promise<{ readonly seen: SeenCell; readonly printed: string }> => {
  const printed = await launch(host, plan, cell, which)
  const [, text = cell] = printed.split(/^CELL /m)
  return { seen: cellOf(text), printed }
}
