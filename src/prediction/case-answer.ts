import type { HostDocument } from '../api/host-document.ts'
import { registerByName } from '../arm64/register.ts'
import { predictionHost } from './prediction-host.ts'
import type { PredictionHost, VcpuConfiguration } from './prediction-host.ts'
import { predictWrite } from './predict-write.ts'
import { trialValues } from './trial-values.ts'
import type { WriteVerdict } from './verdict.ts'
import type { WriteCase } from './write-case.ts'

/**
 * The answer to a case: KVM's verdict, or that there is no vCPU of that configuration. `unproven`: nobody tried this very write on the
 * host, so only the rules say it.
 */
export type CaseAnswer =
  | { readonly kind: 'answered'; readonly verdict: WriteVerdict; readonly unproven: boolean }
  | { readonly kind: 'no-such-vcpu'; readonly configuration: VcpuConfiguration }

/** A configuration of a host, and by register the values that were tried in it. */
type Asked = { readonly host: PredictionHost; readonly tried: Map<string, ReadonlySet<bigint>> }

const configurationKey = ({ vcpuFeatures, implementationId }: VcpuConfiguration): string =>
  `${vcpuFeatures.toSorted().join('+')}/${implementationId}`

const triedValues = ({ host, tried }: Asked, name: string): ReadonlySet<bigint> => {
  const known = tried.get(name)
  if (known !== undefined) return known
  const register = registerByName(name)
  const limit = host.limitView.get(name)
  const values: ReadonlySet<bigint> =
    register === undefined || limit === undefined
      ? new Set()
      : new Set([limit, ...trialValues(register, limit)])
  tried.set(name, values)
  return values
}

const isProven = (asked: Asked, { register, value }: WriteCase): boolean =>
  asked.host.trials.complete &&
  (!asked.host.limitView.has(register) || triedValues(asked, register).has(value))

/** Answers cases from a host document, without KVM. `rulesOnly` leaves the trials out, as for {@link predictionHost}. */
export const caseAnswers = (
  document: HostDocument,
  options: { readonly rulesOnly?: boolean } = {},
): ((one: WriteCase) => CaseAnswer) => {
  const asked = new Map<string, Asked | undefined>()
  return (one) => {
    const key = configurationKey(one.configuration)
    if (!asked.has(key)) {
      const host = predictionHost(document, one.configuration, options)
      asked.set(key, host && { host, tried: new Map() })
    }
    const found = asked.get(key)
    if (found === undefined) return { kind: 'no-such-vcpu', configuration: one.configuration }
    return {
      kind: 'answered',
      verdict: predictWrite(found.host, one.register, one.value),
      unproven: !isProven(found, one),
    }
  }
}
