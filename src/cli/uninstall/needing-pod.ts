import { PROFILE_LABEL, SECCOMP_FOLDER } from '../../api/names.ts'
import { gateIndex, isFinished, pinnedRevisions, type Affinity } from '../../api/pod-pin.ts'
import type { KubeObject } from '../../kube/kube-object.ts'
import { defineResource } from '../../kube/resource.ts'

type SecurityContext = { seccompProfile?: { localhostProfile?: string } }
type Container = { name: string; securityContext?: SecurityContext }

/** The part of a core/v1 Pod that says whether it needs cpufeatures. */
export type ExaminedPod = KubeObject & {
  spec: {
    nodeName?: string
    nodeSelector?: Record<string, string>
    schedulingGates?: { name: string }[]
    affinity?: Affinity
    securityContext?: SecurityContext
    containers: Container[]
    initContainers?: Container[]
    ephemeralContainers?: Container[]
  }
  status?: { phase?: string }
}

export const PODS = defineResource<ExaminedPod>({
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
})

/** A pod that needs cpufeatures as long as it is there. */
export type NeedingPod = {
  readonly namespace: string
  readonly name: string
  /** The node to which it is bound. */
  readonly node?: string
  /** The CpuFeatureProfile that it names. */
  readonly profile?: string
  /** The revisions to which it is pinned. */
  readonly revisions: readonly string[]
  /** Why it needs cpufeatures, a sentence each. */
  readonly why: readonly string[]
}

/** The kubelet also takes ./cpufeatures/x.json and cpufeatures//x.json, as the policy pod-seccomp.cpufeatures.dev knows. */
const ourFile = (securityContext: SecurityContext | undefined): string | undefined => {
  const parts = (securityContext?.seccompProfile?.localhostProfile ?? '').split('/')
  const [folder, ...rest] = parts.filter((part) => part !== '' && part !== '.')
  return folder === SECCOMP_FOLDER ? [folder, ...rest].join('/') : undefined
}

const seccompReasons = ({ spec }: ExaminedPod): readonly string[] => {
  const ofPod = ourFile(spec.securityContext)
  const containers = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])]
  return [
    ...(ofPod === undefined ? [] : [`all its containers have the seccomp profile ${ofPod}`]),
    ...containers.flatMap(({ name, securityContext }) => {
      const file = ourFile(securityContext)
      return file === undefined ? [] : [`container ${name} has the seccomp profile ${file}`]
    }),
  ]
}

/** What a pod needs cpufeatures for; undefined if it needs nothing of it, or has finished. */
export const needingPod = (pod: ExaminedPod): NeedingPod | undefined => {
  if (isFinished(pod)) return undefined
  const { metadata, spec } = pod
  const revisions = pinnedRevisions(pod)
  const why = [
    ...seccompReasons(pod),
    ...(gateIndex(pod) < 0 ? [] : ['it waits until the controller removes its scheduling gate']),
    ...revisions.map((revision) => `it is pinned to revision ${revision}`),
  ]
  if (why.length === 0) return undefined
  const profile = metadata.labels?.[PROFILE_LABEL]
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    ...(spec.nodeName !== undefined && { node: spec.nodeName }),
    ...(profile !== undefined && profile !== '' && { profile }),
    revisions,
    why,
  }
}
