import * as z from 'zod'
import { plan } from '../api/plan.ts'

/** Where to report a launch as an event: the cluster, and the NodeCpuFeatures that it concerns. */
export const launchReport = z.object({
  kubeconfig: z.string().optional(),
  /** The service account of the pod in which `run` is. */
  inCluster: z.object({ root: z.string() }).optional(),
  context: z.string().optional(),
  nodeName: z.string(),
  /** The launched revision. */
  revision: z.string(),
})

/** What `run` tells its supervisor first. */
export const supervisorOrder = z.object({
  plan,
  quiet: z.boolean(),
  recordFile: z.string().optional(),
  report: launchReport.optional(),
})

export type LaunchReport = z.infer<typeof launchReport>
export type SupervisorOrder = z.infer<typeof supervisorOrder>
