import { toHex64 } from '../../src/api/hex64.ts'
import type { HostDocument } from '../../src/api/host-document.ts'
import { registerByName } from '../../src/arm64/register.ts'
import { getField } from '../../src/arm64/field.ts'
import { caseAnswers } from '../../src/prediction/case-answer.ts'
import { limitViewOf } from '../../src/prediction/prediction-host.ts'
import type { WriteCase } from '../../src/prediction/write-case.ts'
import { verdictText } from './ask-kvm.ts'

/** A case in which a prediction and KVM differ. `fields` are those the case changes, as `NAME=raw`. */
export type Disagreement = {
  readonly case: WriteCase
  readonly fields: readonly string[]
  readonly predicted: string
  readonly kvm: string
}

const changedFields = (document: HostDocument, { configuration, register, value }: WriteCase): string[] => {
  const limit = limitViewOf(document, configuration)?.get(register) ?? 0n
  return (registerByName(register)?.fields ?? [])
    .filter(
      (field) =>
        getField(field.width > 32 ? 0n : value, field) !== getField(field.width > 32 ? 0n : limit, field),
    )
    .map((field) => `${field.name}=${getField(value, field)}`)
}

/** Where the predictions from `document` differ from what its KVM did. */
export const disagreements = (
  document: HostDocument,
  asked: { readonly cases: readonly WriteCase[]; readonly kvm: readonly string[] },
  options: { readonly rulesOnly?: boolean } = {},
): Disagreement[] => {
  const answer = caseAnswers(document, options)
  return asked.cases.flatMap((one, index) => {
    const found = answer(one)
    const predicted = found.kind === 'answered' ? verdictText(found.verdict) : found.kind
    const kvm = asked.kvm[index] ?? 'no answer'
    if (predicted === kvm) return []
    return [{ case: one, fields: changedFields(document, one), predicted, kvm }]
  })
}

/** A disagreement in one line. */
export const disagreementText = ({ case: one, fields, predicted, kvm }: Disagreement): string => {
  const { vcpuFeatures, implementationId } = one.configuration
  const configuration = [...vcpuFeatures, ...(implementationId ? ['implementation ID'] : [])].join('+')
  return `${one.register} ${toHex64(one.value)} (${fields.join(', ')}; ${configuration || 'plain'}): predicted ${predicted}, KVM ${kvm}`
}
