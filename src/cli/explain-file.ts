import { compileProfile, isTakenFromHosts } from '../profile/compile-profile.ts'
import { notCompiledText } from './not-compiled-text.ts'
import { explainHost } from './explain-host.ts'
import type { ExplainedHost } from './explain-host.ts'
import { explainPlan } from './explain-plan.ts'
import type { ExplainedPlan } from './explain-plan.ts'
import { InputError } from './input-error.ts'
import { namedClasses } from './named-class.ts'
import type { NamedClass } from './named-class.ts'
import type { InputDocument } from './parse-document.ts'
import { readDocuments } from './read-documents.ts'
import { specifiedCpu } from './specified-cpu.ts'

const explainProfile = (
  document: Extract<InputDocument, { kind: 'profile' }>,
  classes: readonly NamedClass[],
): ExplainedPlan => {
  const { name, source, spec, baseline } = document
  if (isTakenFromHosts(spec) && baseline === undefined && classes.length === 0)
    throw new InputError(
      `${source}: base ${spec.base.nodes === undefined ? 'architecture' : 'nodes'} is taken from hosts: give --hosts`,
    )
  const result = compileProfile({
    spec,
    hosts: classes,
    ...(baseline && { previousBaseline: baseline }),
  })
  if (result.kind !== 'compiled') throw new InputError(`${source}: ${notCompiledText(result, classes)}`)
  return explainPlan(specifiedCpu({ kind: 'revision', name, source, plan: result.plan }), result.notes)
}

/** What is in a file, explained: hosts as their guests see them, profiles and revisions field by field. */
export const explainFile = (
  path: string,
  classes: readonly NamedClass[],
): readonly (ExplainedHost | ExplainedPlan)[] =>
  readDocuments([path]).flatMap((document): readonly (ExplainedHost | ExplainedPlan)[] => {
    switch (document.kind) {
      case 'host':
        return namedClasses([document]).map(explainHost)
      case 'profile':
        return [explainProfile(document, classes)]
      case 'revision':
      case 'view':
      case 'unprobed':
        return [explainPlan(specifiedCpu(document), [])]
      default:
        return document satisfies never
    }
  })
