import { stringify } from 'yaml'
import { cpuFeatureProfileBaselineSpec } from '../src/api/cpu-feature-profile-baseline.ts'
import { cpuFeatureProfileRevisionSpec } from '../src/api/cpu-feature-profile-revision.ts'
import {
  cpuFeatureProfileSpec,
  cpuFeatureProfileStatus,
  PROFILE_CONDITIONS,
} from '../src/api/cpu-feature-profile.ts'
import { PROFILE_LABEL } from '../src/api/names.ts'
import { NODE_CONDITIONS, nodeCpuFeaturesStatus } from '../src/api/node-cpu-features.ts'
import { CRD_FILE_HEADER, crdFile, type CustomResource, type PrinterColumn } from './crds/custom-resource.ts'

const conditionPath = (type: string, key: 'status' | 'reason' | 'message'): string =>
  `.status.conditions[?(@.type=="${type}")].${key}`

const labelPath = (label: string): string => `.metadata.labels.${label.replaceAll('.', '\\.')}`

const AGE: PrinterColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How long ago the object was created.',
}

const PROFILE: CustomResource = {
  kind: 'CpuFeatureProfile',
  plural: 'cpufeatureprofiles',
  singular: 'cpufeatureprofile',
  shortName: 'cfp',
  description:
    'The CPU that VMs see, described once per fleet. A pod labelled cpufeatures.dev/profile with this name is ' +
    'scheduled only to nodes that can show its guest this CPU, and is launched with it.',
  // <name>-<hash> is the name of a revision and part of a label: 63 characters, of which the hash takes 11.
  maxNameLength: 52,
  spec: cpuFeatureProfileSpec,
  status: cpuFeatureProfileStatus,
  columns: [
    {
      name: 'Schedulable',
      type: 'string',
      jsonPath: conditionPath(PROFILE_CONDITIONS.schedulable, 'status'),
      description: 'Whether at least one node fits the current revision.',
    },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: conditionPath(PROFILE_CONDITIONS.schedulable, 'reason'),
      description: 'Why it is, or is not, schedulable.',
    },
    {
      name: 'Nodes',
      type: 'string',
      jsonPath: '.status.nodes.summary',
      description: 'Nodes the current revision fits, of all that have a report.',
    },
    {
      name: 'Stranded',
      type: 'integer',
      jsonPath: '.status.strandedVms.count',
      description: 'Bound pods whose VM no other node can take.',
    },
    {
      name: 'Revision',
      type: 'string',
      jsonPath: '.status.currentRevision',
      description: 'The revision that new pods are pinned to.',
    },
    {
      name: 'Accepted',
      type: 'string',
      jsonPath: conditionPath(PROFILE_CONDITIONS.accepted, 'status'),
      description: 'Whether every name and value in the spec is known and none contradicts another.',
      priority: 1,
    },
    {
      name: 'Compiled',
      type: 'string',
      jsonPath: conditionPath(PROFILE_CONDITIONS.compiled, 'status'),
      description: 'Whether there is a revision for the present spec.',
      priority: 1,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: conditionPath(PROFILE_CONDITIONS.schedulable, 'message'),
      description: 'The reason in a sentence.',
      priority: 1,
    },
    AGE,
  ],
}

const BASELINE: CustomResource = {
  kind: 'CpuFeatureProfileBaseline',
  plural: 'cpufeatureprofilebaselines',
  singular: 'cpufeatureprofilebaseline',
  shortName: 'cfpb',
  description:
    'The baseline that was taken for the CpuFeatureProfile of the same name. The controller writes it, and never deletes it: a ' +
    'profile that is created again gets this baseline back. Delete it after its profile if you want the next one to take its own.',
  maxNameLength: 52,
  spec: cpuFeatureProfileBaselineSpec,
  columns: [
    {
      name: 'Generation',
      type: 'integer',
      jsonPath: '.spec.generation',
      description: 'The generation of the base for which it was taken.',
    },
    {
      name: 'Architecture',
      type: 'string',
      jsonPath: '.spec.architecture',
      description: 'The version of base architecture; empty for base nodes.',
    },
    {
      name: 'MIDR',
      type: 'string',
      jsonPath: '.spec.implementation.midr',
      description: 'MIDR_EL1 of the member that gives the implementation ID.',
    },
    AGE,
  ],
}

const REVISION: CustomResource = {
  kind: 'CpuFeatureProfileRevision',
  plural: 'cpufeatureprofilerevisions',
  singular: 'cpufeatureprofilerevision',
  shortName: 'cfpr',
  description:
    'An immutable compiled plan, named <profile>-<hash>: what pods are pinned to and what a launch applies to every vCPU. ' +
    'The controller makes these; `cpufeatures run --plan` takes one as a file.',
  maxNameLength: 63,
  spec: cpuFeatureProfileRevisionSpec,
  columns: [
    {
      name: 'Profile',
      type: 'string',
      jsonPath: labelPath(PROFILE_LABEL),
      description: 'The profile this was compiled from.',
    },
    {
      name: 'Enforcement',
      type: 'string',
      jsonPath: '.spec.enforcement',
      description: 'What happens to a launch that cannot be made to fit.',
    },
    {
      name: 'MIDR',
      type: 'string',
      jsonPath: '.spec.implementation.midr',
      description: "The CPU guests take themselves to be on; empty: the host's own.",
    },
    {
      name: 'SVE',
      type: 'string',
      jsonPath: '.spec.vcpuFeatures.sve',
      description: 'What VMs may do with the Scalable Vector Extension.',
    },
    {
      name: 'PtrAuth',
      type: 'string',
      jsonPath: '.spec.vcpuFeatures.pointerAuthentication',
      description: 'What VMs may do with pointer authentication.',
    },
    {
      name: 'Counter-Hz',
      type: 'integer',
      jsonPath: '.spec.untrapped.counterFrequency',
      description: 'The counter frequency a host must have (CNTFRQ_EL0); empty: any.',
      priority: 1,
    },
    AGE,
  ],
}

const NODE_REPORT: CustomResource = {
  kind: 'NodeCpuFeatures',
  plural: 'nodecpufeatures',
  singular: 'nodecpufeatures',
  shortName: 'ncf',
  description:
    "What a node's KVM can show a guest, named as its Node and owned by it. The node-agent there writes it, nobody else may.",
  status: nodeCpuFeaturesStatus,
  columns: [
    {
      name: 'CPU',
      type: 'string',
      jsonPath: '.status.summary.cpu',
      description: "The CPU, by its maker's name where that is known.",
    },
    {
      name: 'Kernel',
      type: 'string',
      jsonPath: '.status.summary.kernel',
      description: 'The kernel release whose KVM answered.',
    },
    {
      name: 'Features',
      type: 'integer',
      jsonPath: '.status.summary.features',
      description: "How many of Arm's FEAT_s a plain guest sees.",
    },
    {
      name: 'Probed',
      type: 'string',
      jsonPath: conditionPath(NODE_CONDITIONS.probed, 'status'),
      description: 'Whether KVM could be asked.',
    },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: conditionPath(NODE_CONDITIONS.probed, 'reason'),
      description: 'What came of asking KVM.',
    },
    {
      name: 'Trials',
      type: 'string',
      jsonPath: conditionPath(NODE_CONDITIONS.trialsPassed, 'status'),
      description: 'Whether KVM took the live revisions on scratch VMs.',
    },
    {
      name: 'MIDR',
      type: 'string',
      jsonPath: '.status.host.cpu.midr',
      description: 'MIDR_EL1 as a fresh vCPU shows it.',
      priority: 1,
    },
    {
      name: 'Counter-Hz',
      type: 'integer',
      jsonPath: '.status.host.counterFrequency',
      description: 'CNTFRQ_EL0 as a guest reads it; VMs never move between nodes where it differs.',
      priority: 1,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: conditionPath(NODE_CONDITIONS.probed, 'message'),
      description: 'The reason in a sentence.',
      priority: 1,
    },
    AGE,
  ],
}

/**
 * The CRDs, and the list of them for `kubectl apply -k`. The list is called `Kustomization`, without a suffix, so that
 * `kubectl apply -f crds/` passes over it.
 */
export const generateCrds = (): { path: string; text: string }[] => {
  const files = [PROFILE, BASELINE, REVISION, NODE_REPORT].map(crdFile)
  const list = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(({ path }) => path.replace('crds/', '')),
  }
  return [...files, { path: 'crds/Kustomization', text: CRD_FILE_HEADER + stringify(list) }]
}
