import { join } from 'node:path'
import { InstallationTask } from './installation/installation-task.ts'
import { LaunchTask, type LaunchTaskOptions } from './launches/launch-task.ts'
import { MemoryTask } from './memory-task.ts'
import { ReportTask } from './report/report-task.ts'
import { ProfilesTask, type ProfilesTaskOptions } from './seccomp/profiles-task.ts'
import type { Task, TaskContext } from './task.ts'
import { TrialTask } from './trials/trial-task.ts'

/** What the tasks that apply profiles to containers need. */
type ContainerOptions = LaunchTaskOptions & Pick<ProfilesTaskOptions, 'pod' | 'kubeletRoot'>

/** The root folder of the node: that of its first process, because the node-agent sees the node's processes. */
const HOST_ROOT = '/proc/1/root'
/** The holder's socket for container runtimes, on the node. */
const LISTENER_PATH = '/run/cpufeatures/runtime.sock'

/** The tasks of the node-agent, in start order. Without `containers` it only reports its node. */
export const tasks = (context: TaskContext, containers: ContainerOptions | undefined): readonly Task[] => {
  const applying = containers === undefined ? [] : containerTasks(context, containers)
  // A node whose cluster lacks a policy can still apply profiles, so its report does not depend on that.
  const looking = containers === undefined ? [] : [new InstallationTask(context)]
  const isBusy = (): boolean => applying.some((task) => task.holdsThreads?.() === true)
  const trials = new TrialTask(context, { isBusy })
  return [trials, new ReportTask(context, { applying, trials }), ...applying, ...looking, new MemoryTask()]
}

const containerTasks = (context: TaskContext, options: ContainerOptions): readonly Task[] => [
  new LaunchTask(context, options),
  new ProfilesTask(context, {
    ...{ pod: options.pod, kubeletRoot: options.kubeletRoot },
    ...{ hostRoot: HOST_ROOT, listenerPath: LISTENER_PATH, folder: join(options.runFolder, 'seccomp') },
  }),
]
