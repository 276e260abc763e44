import { fromHex64 } from '../api/hex64.ts'
import type { HostDocument, VcpuConfigurationView } from '../api/host-document.ts'
import type { VcpuFeature } from '../api/vcpu-feature-policy.ts'
import type { GuestView } from '../arm64/register.ts'

/** What a host shows for one vCPU configuration, with 64-bit values as bigint. */
export type HostLimits = {
  readonly host: HostDocument
  readonly vcpuFeatures: readonly VcpuFeature[]
  /** The limit of every feature ID register KVM lists. */
  readonly view: GuestView
  readonly masks: GuestView
  /** KVM register ids, as the difference from the list we ship. */
  readonly listAdded: ReadonlySet<string>
  readonly listRemoved: ReadonlySet<string>
  readonly firmware: ReadonlyMap<string, bigint>
}

const toMap = (values: Readonly<Record<string, string>>): Map<string, bigint> =>
  new Map(Object.entries(values).map(([name, text]) => [name, fromHex64(text)]))

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((entry) => b.includes(entry))

/**
 * The configurations that together make the asked one: itself where the probe made it, else those of its single features
 * (what one vCPU feature changes does not depend on the others but for AArch32 and nested virtualization, which exclude them).
 */
const parts = (host: HostDocument, features: readonly VcpuFeature[]): readonly VcpuConfigurationView[] => {
  const plain = host.configurations.filter((entry) => entry.implementationId !== true)
  const exact = plain.find((entry) => sameSet(entry.vcpuFeatures, features))
  if (exact !== undefined) return [exact]
  return plain.filter(
    ({ vcpuFeatures: [only, ...others] }) =>
      only !== undefined && others.length === 0 && features.includes(only),
  )
}

const overlayView = (view: Map<string, bigint>, base: GuestView, part: VcpuConfigurationView): void => {
  for (const [name, value] of toMap(part.differences)) {
    const changed = value ^ (base.get(name) ?? 0n)
    view.set(name, ((view.get(name) ?? 0n) & ~changed) | (value & changed))
  }
  for (const name of part.hidden ?? []) view.delete(name)
}

const move = (ids: readonly string[], from: Set<string>, to: Set<string>): void => {
  for (const id of ids) if (!from.delete(id)) to.add(id)
}

const read = (host: HostDocument, vcpuFeatures: readonly VcpuFeature[]): HostLimits => {
  const base = toMap(host.guestView)
  const view = new Map(base)
  const listAdded = new Set(host.registerList.added)
  const listRemoved = new Set(host.registerList.removed)
  for (const part of vcpuFeatures.length === 0 ? [] : parts(host, vcpuFeatures)) {
    overlayView(view, base, part)
    move(part.registerListAdded ?? [], listRemoved, listAdded)
    move(part.registerListRemoved ?? [], listAdded, listRemoved)
  }
  const firmware = toMap(host.firmwareRegisters)
  return { host, vcpuFeatures, view, masks: toMap(host.writableMasks), listAdded, listRemoved, firmware }
}

const known = new WeakMap<HostDocument, Map<string, HostLimits>>()

/**
 * The limits of a host for a vCPU configuration (design, section 2). A configuration the probe did not make is put together
 * from those of its single features. Remembered per document: it is asked for again for every profile.
 */
export const hostLimits = (host: HostDocument, vcpuFeatures: readonly VcpuFeature[]): HostLimits => {
  const ofHost = known.get(host) ?? new Map<string, HostLimits>()
  known.set(host, ofHost)
  const key = vcpuFeatures.toSorted().join()
  const limits = ofHost.get(key) ?? read(host, vcpuFeatures)
  ofHost.set(key, limits)
  return limits
}
