import { ReportTask } from './report/report-task.ts'
import type { Task, TaskContext } from './task.ts'

/** THE list of what the node-agent does, in start order. */
export const tasks = (context: TaskContext): readonly Task[] => [new ReportTask(context)]
