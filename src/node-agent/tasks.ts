import { LaunchTask, type LaunchTaskOptions } from './launches/launch-task.ts'
import { ReportTask } from './report/report-task.ts'
import type { Task, TaskContext } from './task.ts'

/** The tasks of the node-agent, in start order. Without `launches` no holder gives it the listeners of containers. */
export const tasks = (context: TaskContext, launches: LaunchTaskOptions | undefined): readonly Task[] => {
  const applying = launches === undefined ? [] : [new LaunchTask(context, launches)]
  return [new ReportTask(context, applying), ...applying]
}
