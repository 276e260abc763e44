import { fromHex64 } from '../../api/hex64.ts'
import type { HostDocument } from '../../api/host-document.ts'
import type { VcpuFeature } from '../../api/vcpu-feature.ts'
import { streamClassOf } from '../../arm64/stream-registers.ts'
import { predictionHost } from '../../prediction/prediction-host.ts'
import type { PredictionHost, VcpuConfiguration } from '../../prediction/prediction-host.ts'

/** KVM_GET_REG_LIST, as the difference from the list we ship. */
export type ToldList = {
  readonly added: ReadonlySet<string>
  readonly removed: ReadonlySet<string>
  /** Those of the added ids that no table of facts names. Of the shipped list, all are named. */
  readonly unclassified: readonly string[]
}

/** What a host shows for one vCPU configuration, with 64-bit values as bigint. */
export type HostLimits = {
  readonly host: HostDocument
  /** What its KVM does with a write; undefined if the document does not tell of the configuration. */
  readonly prediction: PredictionHost | undefined
  /** Undefined if the document does not tell the list. */
  readonly list: ToldList | undefined
  readonly firmware: ReadonlyMap<string, bigint>
}

const move = (ids: readonly string[], from: Set<string>, to: Set<string>): void => {
  for (const id of ids) if (!from.delete(id)) to.add(id)
}

const covers = (asked: readonly VcpuFeature[], part: readonly VcpuFeature[]): boolean =>
  part.every((feature) => asked.includes(feature))

/** The list of the configuration: a vCPU feature brings the same registers whichever other features come with it. */
const registerList = (host: HostDocument, features: readonly VcpuFeature[]): ToldList | undefined => {
  if (host.registerList === undefined) return undefined
  const added = new Set(host.registerList.added)
  const removed = new Set(host.registerList.removed)
  const parts = host.configurations.filter(
    ({ vcpuFeatures, implementationId }) =>
      implementationId !== true && vcpuFeatures.length > 0 && covers(features, vcpuFeatures),
  )
  move([...new Set(parts.flatMap((part) => part.registerListAdded ?? []))], removed, added)
  move([...new Set(parts.flatMap((part) => part.registerListRemoved ?? []))], added, removed)
  const unclassified = [...added].filter((id) => streamClassOf(fromHex64(id)) === undefined)
  return { added, removed, unclassified }
}

const read = (host: HostDocument, wanted: VcpuConfiguration): HostLimits => ({
  host,
  prediction: predictionHost(host, wanted),
  list: registerList(host, wanted.vcpuFeatures),
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
