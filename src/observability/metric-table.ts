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
    help: 'Always 1; the labels show the version and the component.',
    labels: ['version', 'component'],
  },
  cpufeatures_reconcile_total: {
    kind: 'counter',
    help: 'Finished reconciles, by controller and result (success, requeue, conflict, error).',
    labels: ['controller', 'result'],
  },
  cpufeatures_reconcile_duration_seconds: {
    kind: 'histogram',
    help: 'How long a reconcile took.',
    labels: ['controller'],
    buckets: WORK_BUCKETS,
  },
  cpufeatures_queue_depth: {
    kind: 'gauge',
    help: 'Keys that wait for a reconcile.',
    labels: ['controller'],
  },
  cpufeatures_leader_is_leading: {
    kind: 'gauge',
    help: '1 while this process leads.',
    labels: [],
  },
  cpufeatures_fleet_host_classes: {
    kind: 'gauge',
    help: 'Host classes among the nodes that have reported.',
    labels: [],
  },
  cpufeatures_fleet_refused_revisions: {
    kind: 'gauge',
    help: 'Pairs of a revision and a host class that are not offered, because a node of the class refused the revision in a trial.',
    labels: [],
  },
  cpufeatures_fleet_profiles: {
    kind: 'gauge',
    help: 'Profiles, by whether they are schedulable.',
    labels: ['schedulable'],
  },
  cpufeatures_pod_decisions_total: {
    kind: 'counter',
    help: 'Decisions about gated pods (pinned, waiting).',
    labels: ['decision'],
  },
  cpufeatures_break_glass: {
    kind: 'gauge',
    help: '1 while break-glass is on: VM pods are created without their profile.',
    labels: [],
  },
  cpufeatures_events_total: {
    kind: 'counter',
    help: 'Events by result: written; failed; spam (too many about one object); dropped (too many at once).',
    labels: ['result'],
  },
  cpufeatures_probe_duration_seconds: {
    kind: 'histogram',
    help: 'How long a probe of the node took.',
    labels: [],
    buckets: WORK_BUCKETS,
  },
  cpufeatures_probe_runs_total: {
    kind: 'counter',
    help: 'Probes of the node, by outcome.',
    labels: ['outcome'],
  },
  cpufeatures_revision_trials_total: {
    kind: 'counter',
    help: 'Trials of live revisions on scratch VMs of the node, by outcome (applied, refused, failed).',
    labels: ['outcome'],
  },
  cpufeatures_report_writes_total: {
    kind: 'counter',
    help: 'Writes of the node report, by result.',
    labels: ['result'],
  },
  cpufeatures_seccomp_profiles: {
    kind: 'gauge',
    help: 'Seccomp profiles of VM containers on this node: installed, or not updated because of a problem.',
    labels: ['state'],
  },
  cpufeatures_seccomp_profile_writes_total: {
    kind: 'counter',
    help: 'Seccomp profile files that the node-agent wrote.',
    labels: [],
  },
  cpufeatures_launch_outcomes_total: {
    kind: 'counter',
    help: 'Outcomes of launches; a launch may have several in turn (applied, then verified).',
    labels: ['outcome'],
  },
  cpufeatures_unlevelled_containers_total: {
    kind: 'counter',
    help: 'Containers whose VMs the node-agent did not level (passed), and VMs that it refused (refused), by reason (why).',
    labels: ['treatment', 'why'],
  },
  cpufeatures_container_lookup_failures_total: {
    kind: 'counter',
    help: 'Failed attempts to look up the pod of a container at the API server; meanwhile, the KVM calls of the container wait.',
    labels: [],
  },
  cpufeatures_launch_served_seconds: {
    kind: 'histogram',
    help: 'How long a supervisor served the calls of a launch until the launch had its first outcome.',
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5, 10],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>)

export type MetricName = keyof typeof METRIC_TABLE
