import { NODE_CONDITIONS } from '../../api/node-cpu-features.ts'
import { PROFILE_CONDITIONS } from '../../api/cpu-feature-profile.ts'
import { namesWithMore } from '../../catalogue/names-with-more.ts'
import type { ClusterFacts, Component, Conditioned, ProfileFacts } from './cluster-facts.ts'
import { podStanding, type PodState } from './vm-pod.ts'

/** Something that somebody should look at: what it is about, what is wrong, and what to do unless `what` says that. */
export type Problem = { readonly about: string; readonly what: string; readonly remedy?: string }

export type ProfileStanding = Omit<ProfileFacts, 'conditions'> & {
  readonly ready: string
  readonly reason: string
}

/** How cpufeatures stands in a cluster: what `cpufeatures status -o json` prints. */
export type ClusterStatus = {
  readonly problems: readonly Problem[]
  readonly components: readonly Component[]
  readonly leader?: string
  readonly breakGlass?: string
  /** Counts of arm64 nodes: all, those with a report, those whose KVM was asked, and those that serve VM pods. */
  readonly nodes: {
    readonly arm64: number
    readonly reported: number
    readonly probed: number
    readonly serving: number
  }
  readonly profiles: readonly ProfileStanding[]
  /** The number of VM pods in each state. */
  readonly pods: Readonly<Partial<Record<PodState, number>>>
}

const NAMED = 5

/** `3 nodes (n1, n2, n3)`, not more than five by name. */
const nodesText = (names: readonly string[]): string =>
  `${names.length} node${names.length === 1 ? '' : 's'} (${namesWithMore(names, NAMED)})`

const conditionOf = ({ conditions }: Conditioned, type: string) => conditions.find((one) => one.type === type)

const isTrue = (one: Conditioned, type: string): boolean => conditionOf(one, type)?.status === 'True'

const ofInstallation = ({ installation, components }: ClusterFacts): readonly Problem[] => {
  if (components.length === 0)
    return [
      {
        about: 'cluster',
        what: 'cpufeatures does not run in this cluster',
        remedy: 'install it: docs/how-to/install.md',
      },
    ]
  return installation.map((what) => ({ about: 'installation', what }))
}

const ofComponents = ({ components, leader }: ClusterFacts): readonly Problem[] => {
  const notReady = components
    .filter(({ ready, wanted }) => ready < wanted)
    .map(({ name, namespace, ready, wanted }) => ({
      about: name,
      what: `${ready} of ${wanted} pods are Ready`,
      remedy: `kubectl get pods -n ${namespace} -l app.kubernetes.io/component=${name.replace('cpufeatures-', '')} -o wide`,
    }))
  if (leader !== undefined || components.length === 0) return notReady
  return [
    ...notReady,
    {
      about: 'cpufeatures-controller',
      what: 'no controller leads, so new VM pods wait',
      remedy: 'look at the logs of its pods',
    },
  ]
}

const ofBreakGlass = ({ breakGlass, components }: ClusterFacts): readonly Problem[] => {
  if (breakGlass === undefined) return []
  const namespace = components[0]?.namespace ?? 'NAMESPACE'
  return [
    {
      about: 'break-glass',
      what: `it is on (${breakGlass}): new VM pods start without their profile`,
      remedy: `kubectl annotate configmap cpufeatures-settings -n ${namespace} cpufeatures.dev/break-glass-`,
    },
  ]
}

/** Nodes whose condition is False, those with one message together. */
const byMessage = (reports: readonly Conditioned[], type: string): readonly Problem[] => {
  const failing = reports.flatMap((report) => {
    const found = conditionOf(report, type)
    return found?.status === 'False' ? [{ name: report.name, message: found.message }] : []
  })
  const groups = [...Map.groupBy(failing, ({ message }) => message)]
  return groups.map(([message, nodes]) => ({
    about: nodesText(nodes.map(({ name }) => name)),
    what: `${type} is False: ${message}`,
  }))
}

const ofNodes = ({ nodes, reports, components }: ClusterFacts): readonly Problem[] => {
  const reported = new Set(reports.map(({ name }) => name))
  const silent = nodes.filter((name) => !reported.has(name))
  const namespace = components[0]?.namespace ?? 'NAMESPACE'
  return [
    ...(silent.length === 0 || components.length === 0
      ? []
      : [
          {
            about: nodesText(silent),
            what: 'no node-agent has reported from there',
            remedy: `kubectl get pods -n ${namespace} -l app.kubernetes.io/component=node-agent -o wide`,
          },
        ]),
    ...byMessage(reports, NODE_CONDITIONS.serving),
    ...byMessage(reports, NODE_CONDITIONS.trialsPassed),
  ]
}

const ofProfiles = ({ profiles }: ClusterFacts): readonly Problem[] =>
  profiles
    .filter((profile) => !isTrue(profile, PROFILE_CONDITIONS.ready))
    .map((profile) => ({
      about: `profile ${profile.name}`,
      what:
        conditionOf(profile, PROFILE_CONDITIONS.ready)?.message ?? 'the controller has not looked at it yet',
    }))

const ofPods = ({ pods }: ClusterFacts): readonly Problem[] =>
  pods.flatMap((pod) => {
    const { why } = podStanding(pod)
    return why === undefined
      ? []
      : [{ about: `pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name}`, what: why }]
  })

/** What the facts of a cluster mean. */
export const clusterStatus = (facts: ClusterFacts): ClusterStatus => {
  const { components, leader, breakGlass, nodes, reports, profiles, pods } = facts
  const states = Map.groupBy(pods, (pod) => podStanding(pod).state)
  return {
    problems: [ofInstallation, ofComponents, ofBreakGlass, ofNodes, ofProfiles, ofPods].flatMap((of) =>
      of(facts),
    ),
    components,
    ...(leader !== undefined && { leader }),
    ...(breakGlass !== undefined && { breakGlass }),
    nodes: {
      arm64: nodes.length,
      reported: reports.length,
      probed: reports.filter((one) => isTrue(one, NODE_CONDITIONS.probed)).length,
      serving: reports.filter((one) => isTrue(one, NODE_CONDITIONS.serving)).length,
    },
    profiles: profiles.map(({ conditions, ...profile }) => {
      const ready = conditionOf({ name: profile.name, conditions }, PROFILE_CONDITIONS.ready)
      return { ...profile, ready: ready?.status ?? 'Unknown', reason: ready?.reason ?? '' }
    }),
    pods: Object.fromEntries([...states].map(([state, of]) => [state, of.length])),
  }
}
