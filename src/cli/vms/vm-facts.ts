import { PROFILE_LABEL } from '../../api/names.ts'
import { UNFINISHED_PODS } from '../../api/pod-pin.ts'
import { PROFILES, REPORTS, REVISIONS } from '../../api/resources.ts'
import { hostClass } from '../../compatibility/host-class.ts'
import type { KubeClient } from '../../kube/kube-client.ts'
import { listIfServed, type Selection } from '../../kube/list-all.ts'
import { VM_PODS } from '../status/vm-pod.ts'
import type { VmFacts } from './vm-report.ts'
import type { NodeClass } from './vm-ways.ts'

/** Which VM pods to tell of. */
export type VmSelection = { readonly node?: string; readonly namespace?: string }

const readClasses = async (client: Pick<KubeClient, 'list'>): Promise<readonly NodeClass[]> => {
  const reports = await listIfServed(client, REPORTS, {}, ({ metadata, status }) => ({
    ...{ name: metadata.name, host: status?.host },
    refused: (status?.refusedRevisions ?? []).map(({ revision }) => revision),
  }))
  const probed = reports.flatMap(({ host, ...one }) => (host === undefined ? [] : [{ ...one, host }]))
  return [...Map.groupBy(probed, ({ host }) => hostClass(host))].flatMap(([name, members]) => {
    const [first] = members
    return first === undefined
      ? []
      : [
          {
            ...{ class: name, host: first.host, nodes: members.map((member) => member.name) },
            refused: new Set(members.flatMap(({ refused }) => refused)),
          },
        ]
  })
}

/** Asks the API server. Rejects with an ApiError. */
export const readVmFacts = async (
  client: Pick<KubeClient, 'list'>,
  { node, namespace }: VmSelection,
): Promise<VmFacts> => {
  const fieldSelector = [UNFINISHED_PODS, ...(node === undefined ? [] : [`spec.nodeName=${node}`])].join(',')
  const selection: Selection = { labelSelector: PROFILE_LABEL, fieldSelector, namespace }
  const revisions = await listIfServed(
    client,
    REVISIONS,
    {},
    ({ metadata, spec }) => [metadata.name, spec] as const,
  )
  const profiles = await listIfServed(client, PROFILES, {}, ({ metadata, spec }) => ({
    ...{ name: metadata.name, isOneWay: spec.tolerate?.surplus === 'AcceptOneWay' },
  }))
  return {
    pods: await listIfServed(client, VM_PODS, selection, (pod) => pod),
    classes: await readClasses(client),
    plans: new Map(revisions),
    oneWayProfiles: new Set(profiles.filter(({ isOneWay }) => isOneWay).map(({ name }) => name)),
  }
}
