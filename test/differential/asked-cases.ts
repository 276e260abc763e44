import { toHex64 } from '../../src/api/hex64.ts'
import type { WriteCase } from '../../src/prediction/write-case.ts'
import type { HostAccess } from '../harness/host-access.ts'
import { askKvm } from './ask-kvm.ts'
import type { AskedKvm } from './pair-claim.ts'

const keyOf = ({ configuration: { vcpuFeatures, implementationId }, register, value }: WriteCase): string =>
  [register, toHex64(value), vcpuFeatures.toSorted().join('+'), implementationId].join(' ')

/** Asks a host's KVM all cases together, each once. */
export const askOnce = async (host: HostAccess, cases: readonly WriteCase[]): Promise<AskedKvm> => {
  const distinct = [...new Map(cases.map((one) => [keyOf(one), one])).values()]
  const answers = distinct.length === 0 ? [] : await askKvm(host, distinct)
  const byKey = new Map(distinct.map((one, index) => [keyOf(one), answers[index]]))
  return (one) => {
    const answer = byKey.get(keyOf(one))
    if (answer === undefined) throw new Error(`not asked: ${keyOf(one)}`)
    return answer
  }
}
