import type { HostDocument } from '../../src/api/host-document.ts'
import { fromHex64, toHex64 } from '../../src/api/hex64.ts'
import { streamClassOf } from '../../src/arm64/stream-registers.ts'
import { SHIPPED_REGISTER_LIST } from '../../src/discovery/shipped-register-list.generated.ts'

/** Every id that KVM_GET_REG_LIST gives on one of these hosts, in any vCPU configuration, by its class. */
export const registerClasses = (hosts: readonly HostDocument[]): ReadonlyMap<string, readonly string[]> => {
  const ids = new Set([
    ...SHIPPED_REGISTER_LIST.map(toHex64),
    ...hosts.flatMap(({ registerList, configurations }) => [
      ...(registerList?.added ?? []),
      ...configurations.flatMap(({ registerListAdded = [] }) => registerListAdded),
    ]),
  ])
  return Map.groupBy(ids, (id) => streamClassOf(fromHex64(id)) ?? 'unclassified')
}
