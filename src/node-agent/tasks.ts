import { ReportTask } from './report/report-task.ts'
import type { Task, TaskContext } from './task.ts'

/** The tasks of the node-agent, in start order. */
export const tasks = (context: TaskContext): readonly Task[] => [new ReportTask(context)]
