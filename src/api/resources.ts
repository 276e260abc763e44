import type { KubeObject } from '../kube/kube-object.ts'
import type { Resource } from '../kube/resource.ts'
import type { CpuFeatureProfileBaseline } from './cpu-feature-profile-baseline.ts'
import type { CpuFeatureProfileRevision } from './cpu-feature-profile-revision.ts'
import type { CpuFeatureProfile } from './cpu-feature-profile.ts'
import { API_GROUP_VERSION } from './names.ts'
import type { NodeCpuFeatures } from './node-cpu-features.ts'

/** The cluster's CpuFeatureProfiles. */
export const PROFILES: Resource<CpuFeatureProfile> = {
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfile',
  plural: 'cpufeatureprofiles',
  namespaced: false,
}

/**
 * The cluster's CpuFeatureProfileBaselines. Restore tools create kinds in alphabetical order: by this name, a baseline is there before
 * its profile is.
 */
export const BASELINES: Resource<CpuFeatureProfileBaseline> = {
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfileBaseline',
  plural: 'cpufeatureprofilebaselines',
  namespaced: false,
}

/** The cluster's CpuFeatureProfileRevisions. */
export const REVISIONS: Resource<CpuFeatureProfileRevision> = {
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfileRevision',
  plural: 'cpufeatureprofilerevisions',
  namespaced: false,
}

/** The cluster's NodeCpuFeatures: what each node-agent reports of its node. */
export const REPORTS: Resource<NodeCpuFeatures> = {
  apiVersion: API_GROUP_VERSION,
  kind: 'NodeCpuFeatures',
  plural: 'nodecpufeatures',
  namespaced: false,
}

/** ConfigMaps, of which we read our settings. */
export const CONFIG_MAPS: Resource<KubeObject> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
}
