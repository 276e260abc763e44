import { toHex64 } from '../api/hex64.ts'
import type { VcpuConfigurationView } from '../api/host-document.ts'
import { listDifference } from './list-difference.ts'
import type { VcpuConfiguration } from './vcpu-configuration.ts'
import type { VcpuRegisters } from './vcpu-registers.ts'

/** How the registers of another configuration differ from the plain ones, in the form of the host document. */
export const configurationView = (
  { vcpuFeatures, implementationId }: VcpuConfiguration,
  plain: VcpuRegisters,
  other: VcpuRegisters,
): VcpuConfigurationView => {
  const hidden = [...plain.view.keys()].filter((name) => !other.view.has(name))
  const { added, removed } = listDifference(plain.list, other.list)
  return {
    vcpuFeatures: [...vcpuFeatures],
    ...(implementationId && { implementationId }),
    differences: Object.fromEntries(
      [...other.view]
        .filter(([name, value]) => plain.view.get(name) !== value)
        .map(([name, value]) => [name, toHex64(value)]),
    ),
    ...(hidden.length > 0 && { hidden }),
    ...(added.length > 0 && { registerListAdded: added.map(toHex64) }),
    ...(removed.length > 0 && { registerListRemoved: removed.map(toHex64) }),
  }
}
