import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import * as z from 'zod'
import { API_GROUP_VERSION } from '../../api/names.ts'
import { plan as planSchema } from '../../api/plan.ts'
import { unknownKeys } from '../../api/unknown-keys.ts'
import { revisionNotes } from '../input/revision-notes.ts'
import { loadClusterPlan } from './load-cluster-plan.ts'
import { namesUnknownKeys } from './names-unknown-keys.ts'
import type { LoadedPlan } from './loaded-plan.ts'
import type { RunOptions } from './run-options.ts'

const revision = z.object({
  apiVersion: z.literal(API_GROUP_VERSION),
  kind: z.literal('CpuFeatureProfileRevision'),
  metadata: z.object({ name: z.string().default('') }).default({ name: '' }),
  spec: planSchema,
})

type Revision = z.infer<typeof revision>

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const loadedPlan = (file: string, spec: unknown, { metadata, spec: plan }: Revision): LoadedPlan => {
  const unknown = unknownKeys(spec, plan)
  return unknown.length === 0
    ? { kind: 'loaded', plan, source: file, notes: revisionNotes(metadata.name, plan) }
    : { kind: 'failed', message: namesUnknownKeys(file, unknown) }
}

/** Reads a plan from the text of a CpuFeatureProfileRevision. */
export const parsePlanFile = (file: string, text: string): LoadedPlan => {
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    return { kind: 'failed', message: `${file} is not YAML: ${reasonOf(error)}` }
  }
  const parsed = revision.safeParse(document)
  if (parsed.success) return loadedPlan(file, (document as { readonly spec: unknown }).spec, parsed.data)
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  return {
    kind: 'failed',
    message: [
      `${file} is not a CpuFeatureProfileRevision of ${API_GROUP_VERSION}:`,
      ...problems,
      '  (`kubectl get cfpr NAME -o yaml` and `cpufeatures compile` print one)',
    ].join('\n'),
  }
}

const loadPlanFile = (file: string): LoadedPlan => {
  try {
    return parsePlanFile(file, readFileSync(file, 'utf8'))
  } catch (error) {
    return { kind: 'failed', message: `--plan: ${reasonOf(error)}` }
  }
}

/** The plan that the options name. */
export const loadPlan = async (options: RunOptions): Promise<LoadedPlan> => {
  if (options.plan !== undefined) return loadPlanFile(options.plan)
  if (options.profile !== undefined) return loadClusterPlan(options.profile, options)
  return {
    kind: 'failed',
    message: 'choose the CPU of the VM with --profile NAME or --plan FILE (see cpufeatures run --help)',
  }
}
