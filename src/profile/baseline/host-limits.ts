import { fromHex64 } from '../../api/hex64.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { predictionHost } from '../../prediction/prediction-host.ts'
import type { PredictionHost, VcpuConfiguration } from '../../prediction/prediction-host.ts'

/** What a host shows for one vCPU configuration, with 64-bit values as bigint. */
export type HostLimits = {
  readonly host: HostDocument
  /** What its KVM does with a write; undefined if the document does not tell of the configuration. */
  readonly prediction: PredictionHost | undefined
  /** KVM register ids, as the difference from the list we ship. */
  readonly listAdded: ReadonlySet<string>
  readonly listRemoved: ReadonlySet<string>
  readonly firmware: ReadonlyMap<string, bigint>
}

const move = (ids: readonly string[], from: Set<string>, to: Set<string>): void => {
  for (const id of ids) if (!from.delete(id)) to.add(id)
}

const covers = (asked: readonly VcpuFeature[], part: readonly VcpuFeature[]): boolean =>
  part.every((feature) => asked.includes(feature))

/** The list of the configuration: a register comes with the vCPU features that bring it, in whatever company. */
const registerList = (
  host: HostDocument,
  features: readonly VcpuFeature[],
): Pick<HostLimits, 'listAdded' | 'listRemoved'> => {
  const listAdded = new Set(host.registerList.added)
  const listRemoved = new Set(host.registerList.removed)
  const parts = host.configurations.filter(
    ({ vcpuFeatures, implementationId }) =>
      implementationId !== true && vcpuFeatures.length > 0 && covers(features, vcpuFeatures),
  )
  move([...new Set(parts.flatMap((part) => part.registerListAdded ?? []))], listRemoved, listAdded)
  move([...new Set(parts.flatMap((part) => part.registerListRemoved ?? []))], listAdded, listRemoved)
  return { listAdded, listRemoved }
}

const read = (host: HostDocument, wanted: VcpuConfiguration): HostLimits => ({
  host,
  prediction: predictionHost(host, wanted),
  ...registerList(host, wanted.vcpuFeatures),
  firmware: new Map(Object.entries(host.firmwareRegisters).map(([name, value]) => [name, fromHex64(value)])),
})

const known = new WeakMap<HostDocument, Map<string, HostLimits>>()

/** The limits of a host for a vCPU configuration. Remembered per document: every profile asks for them again. */
export const hostLimits = (host: HostDocument, wanted: VcpuConfiguration): HostLimits => {
  const ofHost = known.get(host) ?? new Map<string, HostLimits>()
  known.set(host, ofHost)
  const key = `${wanted.vcpuFeatures.toSorted().join()}/${wanted.implementationId}`
  const limits = ofHost.get(key) ?? read(host, wanted)
  ofHost.set(key, limits)
  return limits
}
