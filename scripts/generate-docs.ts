import { PASS_MESSAGES, PASSED_REASON } from '../src/catalogue/applied-reasons.ts'
import { CONTAINER_REFUSALS } from '../src/catalogue/container-refusals.ts'
import { REFUSAL_REMEDIES } from '../src/catalogue/refusal-reasons.ts'
import { LAUNCH_EVENTS } from '../src/launch/record/launch-event.ts'
import { LAUNCH_OUTCOMES } from '../src/launch/record/render-launch-record.ts'
import { ERROR_CATALOGUE } from '../src/catalogue/error-codes.ts'
import { METRIC_TABLE, type MetricDeclaration } from '../src/observability/metric-table.ts'
import { PLAN_REASONS } from '../src/catalogue/plan-reasons.ts'
import { REACH_REASONS } from '../src/catalogue/reach-reasons.ts'
import { PROFILE_PROBLEMS } from '../src/catalogue/profile-problems.ts'
import { GENERATED_NOTICE } from './docs/generated-notice.ts'
import {
  COMPILE_REASONS,
  PLACEMENT_REASONS,
  PROFILE_EVENT_REASONS,
  PROBE_REASONS,
  SERVING_REASONS,
  SUMMARY_REASONS,
  TRIAL_REASONS,
} from '../src/catalogue/condition-reasons.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')

const named = (reasons: Readonly<Record<string, string>>): string =>
  table(
    ['reason', 'what it means'],
    Object.entries(reasons).map(([name, what]) => [`\`${name}\``, what]),
  )

const meant = (reasons: Readonly<Record<string, { readonly means: string }>>): string =>
  named(Object.fromEntries(Object.entries(reasons).map(([name, { means }]) => [name, means])))

const errorsPage = (): string => `${GENERATED_NOTICE}

# Errors, findings and reasons

This page lists every error, finding and reason that cpufeatures reports, and what helps. [Concepts](concepts.md#terms) explains the terms.
[launch.md](launch.md) explains more about launches, and [node.md](node.md) about the node-agent and its reference containers.

## Errors that end a command

${table(
  ['code', 'what it means', 'what helps', 'exit code'],
  Object.entries(ERROR_CATALOGUE).map(([code, entry]) => [
    `\`${code}\``,
    entry.summary,
    entry.remedy,
    String('exitCode' in entry ? entry.exitCode : 1),
  ]),
)}

## Findings: why a plan does not fit a host

These findings appear in a profile's \`status.classes[].findings\`, in the conditions and events of the pods that name the profile, and in
the output of the CLI. Each finding has a \`reason\`, and a \`remedy\` that says what would help. A finding also has those of the
following keys that apply to it:

${table(
  ['key', 'what it says'],
  [
    ['`register`, `field`', 'where the plan and the host differ'],
    ['`wanted`', 'what the plan specifies: a value, a feature, or a kernel version'],
    [
      '`limit`',
      'what the host has instead: the value that it shows, the highest value that it can show, a KVM capability, or its kernel version',
    ],
    ['`writable`', 'whether KVM lets a VMM change the field'],
    [
      '`message`',
      'the finding as a sentence. Only the output of the CLI with `-o json` and `-o yaml` has this key. The other output ' +
        'formats print the sentence itself',
    ],
  ],
)}

${meant(PLAN_REASONS)}

## Findings: why VMs cannot move between two hosts

These findings appear in a profile's \`status.reach[].findings\` and in the output of the CLI. They have the keys of the section above,
except \`wanted\` and \`limit\`. Instead, they have two other keys. \`onFrom\` says what guests find on the source, which is the host that
VMs would leave. \`onTo\` says what they find on the destination. If the destination does not fit the plan at all,
\`status.reach[].findings\` contains findings of the section above.

${meant(REACH_REASONS)}

## Conditions Accepted and Compiled of a CpuFeatureProfile

${named(COMPILE_REASONS)}

## Condition Schedulable of a CpuFeatureProfile, \`cpufeatures.dev/Schedulable\` of a Pod

${named(PLACEMENT_REASONS)}

## Conditions Ready, Reconciling and Stalled of a CpuFeatureProfile

These three are for tools that do not know the other conditions, such as \`kubectl wait\`, Flux and Argo CD. \`Ready\` is True if
\`Accepted\`, \`Compiled\` and \`Schedulable\` are True. Otherwise \`Ready\` is False, with the reason of the first of them that is not
True. \`Reconciling\` is then True if this ends by itself, as soon as nodes have reported. \`Stalled\` is True if somebody must change the
profile or the cluster. The other one of the two is False, with one of these reasons:

${named(SUMMARY_REASONS)}

## Other Events of a CpuFeatureProfile

${named(PROFILE_EVENT_REASONS)}

## Condition Probed of a NodeCpuFeatures

${named(Object.fromEntries(Object.values(PROBE_REASONS)))}

## Condition TrialsPassed of a NodeCpuFeatures

${named(Object.fromEntries(Object.values(TRIAL_REASONS)))}

## Condition Serving of a NodeCpuFeatures

${named(Object.fromEntries(Object.values(SERVING_REASONS)))}

## Why a node-agent cannot install a seccomp profile

While one of these problems lasts, the node-agent is not Ready. Its log and \`/readyz\` name the seccomp profile, the container or the
path that has the problem. In the table, _filter_ means the seccomp filter of a container.

${table(
  ['reason', 'what it means', 'what helps'],
  Object.entries(PROFILE_PROBLEMS).map(([name, { means, remedy }]) => [`\`${name}\``, means, remedy]),
)}

## Outcomes of a launch

${table(
  ['outcome', 'what it means'],
  Object.entries(LAUNCH_OUTCOMES).map(([name, what]) => [`\`${name}\``, what]),
)}

## Events of a launch

\`cpufeatures run\` writes these events about the NodeCpuFeatures object of its node, with the revision as the related object. The
node-agent writes them about the pod. It uses the same reasons in the pod's condition \`cpufeatures.dev/Applied\`. The note of an event is
its text.

${named(LAUNCH_EVENTS)}

## Why a container may not make a VM

If a container may not make a VM, the node-agent makes its KVM_CREATE_VM fail with EPERM. The pod's condition
\`cpufeatures.dev/Applied\` and an event give one of these reasons, and say what helps.

${table(
  ['reason', 'what helps'],
  Object.entries(CONTAINER_REFUSALS).map(([name, remedy]) => [`\`${name}\``, remedy]),
)}

Sometimes the node-agent does not level the VMs of a pod, so that they show the CPU of their host. The condition then has the reason
\`${PASSED_REASON}\`, and its message says why. The metric \`cpufeatures_unlevelled_containers_total\` has the word in the first column:

${table(
  ['why', 'message'],
  Object.entries(PASS_MESSAGES).map(([name, message]) => [`\`${name}\``, message]),
)}

## Why a launch was refused

These refusals are in the launch record, in the list \`refused\`. Each has a \`reason\`, and a \`remedy\` that says what helps. A refusal
also has those of the following keys that apply to it:

${table(
  ['key', 'what it says'],
  [
    ['`register`, `field`, `feature`', 'what the refusal is about'],
    ['`wanted`', 'the value that the plan specifies'],
    ['`shown`', 'the value that the vCPU shows'],
    ['`cause`', 'the error, thread or process that led to the refusal'],
  ],
)}

Under \`enforcement: Strict\`, most of these refusals make the launch fail. Under BestEffort, the launch usually continues. For developers,
[Who refuses a launch](../ARCHITECTURE.md#who-refuses-a-launch) says which code decides about each refusal.

${table(
  ['reason', 'what helps'],
  Object.entries(REFUSAL_REMEDIES).map(([name, remedy]) => [`\`${name}\``, remedy]),
)}
`

const metricsPage = (): string => `${GENERATED_NOTICE}

# Metrics

The controller and the node-agent offer these metrics at \`/metrics\`. \`cpufeatures supervise --metrics FILE\` writes its metrics to a
file. Each process also exports the usual metrics of a Node.js process; the delays of its event loop include
the 100 ms between two looks.
No label contains the name of a pod or node, so the number of time series stays small. [Concepts](concepts.md#terms) explains the terms.

${table(
  ['metric', 'kind', 'labels', 'what it counts or measures'],
  Object.entries(METRIC_TABLE).map(([name, metric]: [string, MetricDeclaration]) => [
    `\`${name}\``,
    metric.kind,
    metric.labels.map((label) => `\`${label}\``).join(', '),
    metric.help,
  ]),
)}
`

/** The reference pages that say what the code says. */
export const generateDocs = (): { path: string; text: string }[] => [
  { path: 'docs/errors.md', text: errorsPage() },
  { path: 'docs/metrics.md', text: metricsPage() },
]
