/** A metric, in the words of docs/metrics.md. */
export type MetricDeclaration = {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds, of histograms only; seconds. */
  readonly buckets?: readonly number[] | undefined
}

const WORK_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60]

/**
 * Every metric. Names are `cpufeatures_<subsystem>_<name>`; counters end in `_total`, durations in `_seconds`. Labels are bounded: they
 * name no pods and no nodes. A check keeps docs/metrics.md equal to this table.
 */
export const METRIC_TABLE = Object.freeze({
  cpufeatures_build_info: {
    kind: 'gauge',
    help: 'Always 1. The labels name the version and the component of cpufeatures.',
    labels: ['version', 'component'],
  },
  cpufeatures_reconcile_total: {
    kind: 'counter',
    help: 'Finished runs of a reconciler, by reconciler (label controller) and result: success, requeue, conflict or error.',
    labels: ['controller', 'result'],
  },
  cpufeatures_reconcile_duration_seconds: {
    kind: 'histogram',
    help: 'How long a run of a reconciler took.',
    labels: ['controller'],
    buckets: WORK_BUCKETS,
  },
  cpufeatures_queue_depth: {
    kind: 'gauge',
    help: 'Objects that wait for a run of a reconciler.',
    labels: ['controller'],
  },
  cpufeatures_leader_is_leading: {
    kind: 'gauge',
    help: '1 while this process is the leader, 0 otherwise.',
    labels: [],
  },
  cpufeatures_fleet_host_classes: {
    kind: 'gauge',
    help: 'Number of host classes among the nodes that have reported.',
    labels: [],
  },
  cpufeatures_fleet_refused_revisions: {
    kind: 'gauge',
    help: 'Pairs of a revision and a host class that are not offered, because a node of the class refused the revision in a trial.',
    labels: [],
  },
  cpufeatures_fleet_profiles: {
    kind: 'gauge',
    help: 'Number of profiles, by whether a node fits them (schedulable).',
    labels: ['schedulable'],
  },
  cpufeatures_fleet_stranded_vms: {
    kind: 'gauge',
    help: 'Bound pods with a profile whose VM no other node can take. `status.strandedVms` of the profiles names some of them.',
    labels: [],
  },
  cpufeatures_pod_decisions_total: {
    kind: 'counter',
    help: 'Decisions of the controller about pods with our scheduling gate: pinned or waiting.',
    labels: ['decision'],
  },
  cpufeatures_break_glass: {
    kind: 'gauge',
    help: '1 while break-glass is on, 0 otherwise. While it is on, VM pods are created without their profile.',
    labels: [],
  },
  cpufeatures_events_total: {
    kind: 'counter',
    help: 'Kubernetes Events, by result: written, failed, spam (too many about one object) or dropped (too many at the same time).',
    labels: ['result'],
  },
  cpufeatures_probe_duration_seconds: {
    kind: 'histogram',
    help: 'How long the node-agent took to ask KVM what it can show a guest (a probe).',
    labels: [],
    buckets: WORK_BUCKETS,
  },
  cpufeatures_probe_runs_total: {
    kind: 'counter',
    help: 'Number of probes, by outcome.',
    labels: ['outcome'],
  },
  cpufeatures_revision_trials_total: {
    kind: 'counter',
    help: 'Trials of live revisions on scratch VMs of the node, by outcome (applied, refused, failed).',
    labels: ['outcome'],
  },
  cpufeatures_report_writes_total: {
    kind: 'counter',
    help: 'How often the node-agent wrote the report of its node, by result.',
    labels: ['result'],
  },
  cpufeatures_seccomp_profiles: {
    kind: 'gauge',
    help: 'Number of seccomp profiles for VM containers on this node, by state: installed, or not updated because of a problem.',
    labels: ['state'],
  },
  cpufeatures_seccomp_profile_writes_total: {
    kind: 'counter',
    help: 'How many seccomp profile files the node-agent has written.',
    labels: [],
  },
  cpufeatures_launch_outcomes_total: {
    kind: 'counter',
    help:
      'Number of launches with each outcome. A launch can have several outcomes one after another, ' +
      'for example applied and then verified.',
    labels: ['outcome'],
  },
  cpufeatures_unlevelled_containers_total: {
    kind: 'counter',
    help:
      'Containers whose VMs the node-agent did not level (treatment passed), and VMs that it refused ' +
      '(treatment refused). The label why gives the reason.',
    labels: ['treatment', 'why'],
  },
  cpufeatures_container_lookup_failures_total: {
    kind: 'counter',
    help:
      'Failed attempts to ask the API server about the pod of a container. Until an attempt succeeds, ' +
      'the KVM calls of the container wait.',
    labels: [],
  },
  cpufeatures_launch_served_seconds: {
    kind: 'histogram',
    help: 'How much time a supervisor spent on the calls of a launch before the launch had its first outcome.',
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>)

export type MetricName = keyof typeof METRIC_TABLE
