import type { HostDocument } from '../api/host-document.ts'
import { canonicalJson } from '../plan/canonical-json.ts'
import { shortHash } from '../plan/short-hash.ts'

const sortedByText = <T>(entries: readonly T[]): readonly T[] =>
  entries
    .map((entry) => ({ entry, text: canonicalJson(entry) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ entry }) => entry)

/**
 * The host class: ten hex digits over everything in a host document that decides compatibility, and nothing
 * that does not, such as the kernel's release and the boot ID. Nodes of one class are interchangeable.
 */
export const hostClass = (document: HostDocument): string => {
  const { registerList, configurations } = document
  return shortHash({
    cpu: document.cpu,
    ...((document.cores?.length ?? 0) > 1 && { cores: document.cores?.map(({ midr }) => midr) }),
    ...(document.imported && { imported: document.imported.hwcaps ?? true }),
    capabilities: document.capabilities,
    vcpuFeatures: document.vcpuFeatures.toSorted(),
    writableMasks: document.writableMasks,
    guestView: document.guestView,
    configurations: sortedByText(
      configurations.map((one) => ({
        ...one,
        vcpuFeatures: one.vcpuFeatures.toSorted(),
        hidden: one.hidden?.toSorted(),
        registerListAdded: one.registerListAdded?.toSorted(),
        registerListRemoved: one.registerListRemoved?.toSorted(),
      })),
    ),
    registerList: registerList && {
      added: registerList.added.toSorted(),
      removed: registerList.removed.toSorted(),
    },
    firmwareRegisters: document.firmwareRegisters,
    sveVectorLengths: document.sveVectorLengths?.toSorted((a, b) => a - b),
    ipaBits: document.ipaBits,
    counterFrequency: document.counterFrequency,
    dczid: document.dczid,
    ctr: document.ctr,
    pmu: document.pmu,
    // A node without trials is in another class: nothing is proven of it.
    ...(document.trials !== undefined && { tried: true }),
    deviations: sortedByText(
      document.deviations.map((one) => ({ ...one, vcpuFeatures: one.vcpuFeatures.toSorted() })),
    ),
  })
}
