import type { CpuFeatureProfile } from '../../api/cpu-feature-profile.ts'
import type { CpuFeatureProfileRevision } from '../../api/cpu-feature-profile-revision.ts'
import { API_GROUP_VERSION } from '../../api/names.ts'
import type { NodeCpuFeatures } from '../../api/node-cpu-features.ts'
import { defineResource } from '../../kube/resource.ts'

export const cpuFeatureProfiles = defineResource<CpuFeatureProfile>({
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfile',
  plural: 'cpufeatureprofiles',
  namespaced: false,
})

export const cpuFeatureProfileRevisions = defineResource<CpuFeatureProfileRevision>({
  apiVersion: API_GROUP_VERSION,
  kind: 'CpuFeatureProfileRevision',
  plural: 'cpufeatureprofilerevisions',
  namespaced: false,
})

export const nodeCpuFeatures = defineResource<NodeCpuFeatures>({
  apiVersion: API_GROUP_VERSION,
  kind: 'NodeCpuFeatures',
  plural: 'nodecpufeatures',
  namespaced: false,
})
