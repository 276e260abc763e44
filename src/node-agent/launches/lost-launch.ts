import { LaunchRecorder } from '../../launch/record/launch-recorder.ts'
import { lostProcesses, lostRefusals } from '../../supervisor/continue-launch.ts'
import type { ContainerIdentity } from './container-identity.ts'
import type { ContainerNews } from './container-news.ts'
import type { LeftContainer } from './left-container.ts'

/** A launch whose processes died with their agent, so that its listener ended before another agent came. */
export type LostLaunch = { readonly container: ContainerIdentity; readonly news: ContainerNews }

/** What its pod is told; undefined if no process of it died with its agent. `fd`: of its file. */
export const lostLaunch = (
  fd: number,
  { order, policy, launch }: Extract<LeftContainer, { kind: 'left' }>,
): LostLaunch | undefined => {
  const { container, treatment } = order
  const refused = lostRefusals(lostProcesses(fd))
  if (treatment.kind !== 'level' || policy === undefined || refused.length === 0) return undefined
  const recorder = new LaunchRecorder(policy, launch?.recorder)
  recorder.addRefusals(refused, true)
  const { revision } = treatment
  return { container, news: { kind: 'launch', revision, moment: 'ended', record: recorder.record() } }
}
