import * as z from 'zod'
import { conditions } from './condition.ts'
import { planFindingSchema } from './finding.ts'
import { hostDocument } from './host-document.ts'
import type { ObjectMeta } from './object-meta.ts'

const revisionTrial = z
  .object({
    revision: z.string().max(63).describe('The tried revision.'),
    outcome: z.enum(['Applied', 'Refused', 'Error']).describe('The result on a scratch VM.'),
    findings: z.array(planFindingSchema).max(8).describe('What KVM refused.'),
  })
  .describe('A trial of a live revision on a scratch VM of this node.')

/** Present once the node-agent has probed. `host` is absent if it could not ask KVM; the condition then says why. */
export const nodeCpuFeaturesStatus = z
  .object({
    conditions: conditions.optional(),
    host: hostDocument.optional(),
    summary: z
      .object({
        cpu: z.string().max(64).describe("The CPU, by its maker's name if that is known."),
        kernel: z.string().max(128).describe('The kernel release.'),
        features: z.int().describe('The number of FEAT_ features that a plain guest sees.'),
      })
      .optional()
      .describe('The report in one line, for kubectl.'),
    revisions: z
      .array(revisionTrial)
      .max(256)
      .optional()
      .describe('Trials of the live revisions on a scratch VM of this node.')
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['revision'] }),
  })
  .describe('The findings of the node-agent.')

export type NodeCpuFeaturesStatus = z.infer<typeof nodeCpuFeaturesStatus>
export type RevisionTrial = z.infer<typeof revisionTrial>

/** Condition types of a NodeCpuFeatures: whether KVM was asked, and whether profiles are applied to the VMs of the node's containers. */
export const NODE_CONDITIONS = { probed: 'Probed', serving: 'Serving' } as const

export type NodeCpuFeatures = {
  apiVersion: string
  kind: 'NodeCpuFeatures'
  metadata: ObjectMeta
  status?: NodeCpuFeaturesStatus
}
