import * as z from 'zod'
import { conditions } from './condition.ts'
import { hostDocument } from './host-document.ts'
import type { ObjectMeta } from './object-meta.ts'

/** The most places of a plan that a refused revision names. */
export const MOST_REFUSED_PLACES = 8
/** The most refused revisions that a report names. */
export const MOST_REFUSED_REVISIONS = 128

const refusedPlace = z
  .object({
    register: z.string().max(64).optional().describe("The register, by Arm's or KVM's name."),
    field: z.string().max(64).optional().describe('The field of the register.'),
    feature: z
      .string()
      .max(64)
      .optional()
      .describe('The feature that the vCPU lacks, or the vCPU features with which KVM makes no vCPU.'),
    wanted: z.string().max(64).optional().describe('The value that the plan wants.'),
    shown: z.string().max(64).optional().describe('The value that the vCPU shows after the write.'),
    errno: z.string().max(32).optional().describe('The error with which KVM refused, by name.'),
  })
  .describe('A place of a plan in which a vCPU of a scratch VM does not show it.')

const refusedRevision = z
  .object({
    revision: z.string().max(63).describe('The tried revision.'),
    refused: z.array(refusedPlace).max(MOST_REFUSED_PLACES).describe('What KVM refused.'),
    moreRefused: z.int().min(1).optional().describe('How many places are not in the list.'),
  })
  .describe('A live revision that this node should fit, and whose plan its KVM refused on a scratch VM.')

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
    refusedRevisions: z
      .array(refusedRevision)
      .max(MOST_REFUSED_REVISIONS)
      .optional()
      .describe(
        'The live revisions that this node should fit, and that its KVM refused on a scratch VM. Absent if it refused none, or if ' +
          'none was tried yet: the condition TrialsPassed says which.',
      )
      .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['revision'] }),
  })
  .describe('The findings of the node-agent.')

export type NodeCpuFeaturesStatus = z.infer<typeof nodeCpuFeaturesStatus>
export type RefusedPlace = z.infer<typeof refusedPlace>
export type RefusedRevision = z.infer<typeof refusedRevision>

/**
 * Condition types of a NodeCpuFeatures: whether KVM was asked, whether it took the live revisions on scratch VMs, and whether profiles are
 * applied to the VMs of the node's containers.
 */
export const NODE_CONDITIONS = { probed: 'Probed', trialsPassed: 'TrialsPassed', serving: 'Serving' } as const

export type NodeCpuFeatures = {
  apiVersion: string
  kind: 'NodeCpuFeatures'
  metadata: ObjectMeta
  status?: NodeCpuFeaturesStatus
}
