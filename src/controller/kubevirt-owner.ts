import type { OwnerReference } from '../api/object-meta.ts'

/** KubeVirt's group, in whatever version. Whoever creates a pod writes this: nothing else may follow. */
const KUBEVIRT = /^kubevirt\.io\/v[0-9][0-9a-z]*$/

/** The controller of an object, if it is one of KubeVirt of this kind. */
export const kubevirtOwner = (
  owners: readonly OwnerReference[] | undefined,
  kind: 'VirtualMachineInstance' | 'VirtualMachine',
): OwnerReference | undefined =>
  owners?.find((one) => one.controller === true && one.kind === kind && KUBEVIRT.test(one.apiVersion))
