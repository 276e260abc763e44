import type { CpuFeatureProfileRevision } from '../api/cpu-feature-profile-revision.ts'
import type { CpuFeatureProfile } from '../api/cpu-feature-profile.ts'
import { API_GROUP_VERSION } from '../api/names.ts'
import type { NodeCpuFeatures } from '../api/node-cpu-features.ts'
import type { ObjectMeta } from '../api/object-meta.ts'
import { defineResource } from '../kube/resource.ts'
import type { Pod } from './pod.ts'

/** The part of a core/v1 Node that the controller keeps in memory. */
export type Node = {
  apiVersion: 'v1'
  kind: 'Node'
  metadata: ObjectMeta
}

export const PROFILES = defineResource<CpuFeatureProfile>({
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfile',
  plural: 'cpufeatureprofiles',
  namespaced: false,
})

export const REVISIONS = defineResource<CpuFeatureProfileRevision>({
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfileRevision',
  plural: 'cpufeatureprofilerevisions',
  namespaced: false,
})

export const REPORTS = defineResource<NodeCpuFeatures>({
  apiVersion: API_GROUP_VERSION,
  kind: 'NodeCpuFeatures',
  plural: 'nodecpufeatures',
  namespaced: false,
})

export const NODES = defineResource<Node>({
  apiVersion: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
})

export const PODS = defineResource<Pod>({ apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true })
