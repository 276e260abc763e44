import * as z from 'zod'
import { plan } from '../api/plan.ts'

/** Where a launch is reported as an event: the cluster, and the NodeCpuFeatures it is about. */
export const launchReport = z.object({
  kubeconfig: z.string().optional(),
  /** The service account of the pod that `run` is in. */
  inCluster: z.object({ root: z.string() }).optional(),
  context: z.string().optional(),
  nodeName: z.string(),
  /** The revision that was launched. */
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
