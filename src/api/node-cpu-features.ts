import * as z from 'zod'
import { conditions } from './condition.ts'
import { planFinding } from './finding.ts'
import { hostDocument } from './host-document.ts'
import type { ObjectMeta } from './object-meta.ts'

const revisionTrial = z
  .object({
    revision: z.string().max(63).describe('The revision that was tried.'),
    outcome: z.enum(['Applied', 'Refused', 'Error']).describe('What KVM did with it on a scratch VM.'),
    findings: z.array(planFinding).max(8).describe('What it refused.'),
  })
  .describe('A live revision tried on a scratch VM of this node.')

/** Present as soon as the node-agent has looked; `host` is absent where KVM could not be asked, and the condition says why. */
export const nodeCpuFeaturesStatus = z
  .object({
    conditions: conditions.optional(),
    host: hostDocument.optional(),
    summary: z
      .object({
        cpu: z.string().max(64).describe("The CPU, by its maker's name where it is known."),
        kernel: z.string().max(128).describe('The kernel release.'),
        features: z.int().describe('How many FEAT_s a plain guest sees.'),
      })
      .optional()
      .describe('The report in a line, as kubectl shows it.'),
    revisions: z
      .array(revisionTrial)
      .max(256)
      .optional()
      .describe('The live revisions as tried here on a scratch VM.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['revision'] }),
  })
  .describe('What the node-agent found.')

export type NodeCpuFeaturesStatus = z.infer<typeof nodeCpuFeaturesStatus>
export type RevisionTrial = z.infer<typeof revisionTrial>

/** Condition types of a NodeCpuFeatures. Probed=False carries why: NoKvm, KernelTooOld, ProbeFailed. */
export const NODE_CONDITIONS = { probed: 'Probed' } as const

export type NodeCpuFeatures = {
  apiVersion: string
  kind: 'NodeCpuFeatures'
  metadata: ObjectMeta
  status?: NodeCpuFeaturesStatus
}
