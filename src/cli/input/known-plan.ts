import type { Plan } from '../../api/plan.ts'
import { fieldName } from '../../arm64/field-ref.ts'
import { readPlan, type ResolvedPlan, type UnknownName } from '../../plan/read-plan.ts'
import { InputError } from './input-error.ts'

const nameText = (name: UnknownName): string => ('feature' in name ? name.feature : fieldName(name))

/** A plan with every name looked up. Throws InputError if it names what this version does not know. */
export const knownPlan = (plan: Plan, source: string): ResolvedPlan => {
  const read = readPlan(plan)
  if (read.kind === 'resolved') return read.plan
  const names = read.names.map(nameText).join(', ')
  throw new InputError(
    `${source}: this version does not know ${names}: use the version that compiled the revision`,
  )
}
