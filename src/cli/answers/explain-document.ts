import type { CpuFeatureProfileSpec } from '../../api/cpu-feature-profile.ts'
import { compileProfile, isTakenFromHosts } from '../../profile/compile-profile.ts'
import { notCompiledText } from '../output/not-compiled-text.ts'
import { explainHost } from './explain-host.ts'
import type { ExplainedHost } from './explain-host.ts'
import { explainPlan } from './explain-plan.ts'
import type { ExplainedPlan } from './explain-plan.ts'
import { InputError } from '../input/input-error.ts'
import { namedClasses } from '../input/named-class.ts'
import type { NamedClass } from '../input/named-class.ts'
import type { InputDocument } from '../input/parse-document.ts'
import { revisionNotes } from '../input/revision-notes.ts'
import { specifiedCpu } from './specified-cpu.ts'

/** The hosts from which a profile with this spec takes its base. */
export type ClassesFor = (spec: CpuFeatureProfileSpec) => Promise<readonly NamedClass[]>

const explainProfile = async (
  { name, source, spec, baseline }: Extract<InputDocument, { kind: 'profile' }>,
  classesFor: ClassesFor,
): Promise<ExplainedPlan> => {
  const isOpen = isTakenFromHosts(spec) && baseline === undefined
  const classes = isOpen ? await classesFor(spec) : []
  if (isOpen && classes.length === 0)
    throw new InputError(
      `${source}: base ${spec.base.nodes === undefined ? 'architecture' : 'nodes'} is computed from hosts; give --hosts or --nodes`,
    )
  const result = compileProfile({ spec, hosts: classes, ...(baseline && { previousBaseline: baseline }) })
  if (result.kind !== 'compiled') throw new InputError(`${source}: ${notCompiledText(result, classes)}`)
  return explainPlan(specifiedCpu({ kind: 'revision', name, source, plan: result.plan }), result.notes)
}

/** Explains a document: a host as its guests see it, a profile or revision field by field. */
export const explainDocument = async (
  document: InputDocument,
  classesFor: ClassesFor,
): Promise<readonly (ExplainedHost | ExplainedPlan)[]> => {
  switch (document.kind) {
    case 'host':
      return namedClasses([document]).map(explainHost)
    case 'profile':
      return [await explainProfile(document, classesFor)]
    case 'revision':
      return [explainPlan(specifiedCpu(document), revisionNotes(document.name, document.plan))]
    case 'view':
    case 'template':
    case 'unprobed':
      return [explainPlan(specifiedCpu(document), [])]
    default:
      return document satisfies never
  }
}
